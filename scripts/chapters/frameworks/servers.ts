/** The servers that are compared, and how to start each. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { cross } from "d3-array";
import { closest } from "fastest-levenshtein";
import { Failure } from "../../../lib/exit.ts";
import { httpUrl, wrong } from "../../../lib/options.ts";
import { freePorts } from "../free_ports.ts";
import { serve, type Server as Process } from "../run.ts";
import { serverNames } from "../names/mod.ts";

type Server = Omit<Process, "kill">;

export interface Framework {
  name: string;
  /** Resolves when the server can be called. */
  start(): Promise<Server>;
}

/** The servers of this project. */
export const ownServers: Framework[] = serverNames.map((name) => ({
  name,
  start: () => serve`servers/${name}.ts`,
}));

/**
 * Reads `name=command` or `name=URL`. A command is run by the shell and has to
 * listen on 127.0.0.1, on the port that `{port}` becomes in it and that the
 * variable PORT has. A URL's server is neither started nor stopped.
 */
export function parseServer(text: string): Framework {
  const [, name, from] = /^([a-z0-9][\w.-]{0,49})=(\S.*)$/i.exec(text) ?? [];
  if (name === undefined || from === undefined) {
    throw new RangeError(
      "takes NAME=COMMAND or NAME=URL, as in flask='flask run --port {port}'",
    );
  }
  if (!/^https?:/.test(from)) {
    return { name, start: () => startCommand(name, from) };
  }
  const url = httpUrl("").parse([from])!.replace(/\/+$/, "");
  if (/[?#]/.test(url)) throw new RangeError("takes a URL without ? and #");
  return { name, start: () => Promise.resolve({ url, async stop() {} }) };
}

const PATIENCE = 30_000;
const GRACE = 5_000;

async function startCommand(name: string, command: string): Promise<Server> {
  const [port] = await freePorts(1);
  // zx would keep everything that the server writes while it runs.
  const child = spawn(command.replaceAll("{port}", String(port)), {
    shell: true,
    // In a process group, so that what the shell starts ends with it.
    detached: true,
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, PORT: String(port) },
  });
  let said = "";
  child.stderr!.setEncoding("utf8").on("data", (text) => {
    said = (said + text).slice(-2000);
  });
  let why = "";
  const ended = once(child, "close").then(([code]) => {
    why = `ended with code ${code}`;
  });

  function signal(name: "SIGTERM" | "SIGKILL") {
    try {
      process.kill(-child.pid!, name);
    } catch {
      // It has just ended.
    }
  }

  async function stop() {
    const timer = setTimeout(signal, GRACE, "SIGKILL");
    signal("SIGTERM");
    await ended;
    clearTimeout(timer);
  }

  const end = performance.now() + PATIENCE;
  while (!await isListening(port!)) {
    if (performance.now() > end) {
      why ||= `did not listen on 127.0.0.1:${port} within ${PATIENCE / 1000} s`;
    }
    if (why) {
      const message = `--server ${name}: ${command} ${why}`;
      await stop();
      throw new Failure(`${message}\n${said}`.trim());
    }
    await sleep(20);
  }
  return { url: `http://127.0.0.1:${port}`, stop };
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  const answer = once(socket, "connect").then(() => true, () => false);
  return await answer.finally(() => socket.destroy());
}

/**
 * Pairs each server with each route. If `only` names servers, others are left out;
 * the same goes for routes. A mistake ends the script with code 2.
 */
export function pairsOf(
  servers: string[],
  routes: string[],
  only: string[],
): [server: string, route: string][] {
  const names = [...servers, ...routes];
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice) {
    wrong(`--server ${twice} has a name that is taken; choose another`);
  }
  for (const name of only) {
    if (names.includes(name)) continue;
    const nearest = closest(name, names);
    wrong(
      `--only ${name} is neither a server nor a route; did you mean ` +
        `${nearest}? There are: ${names.join(", ")}`,
    );
  }
  function wanted(all: string[]) {
    const named = all.filter((name) => only.includes(name));
    return named.length > 0 ? named : all;
  }
  return cross(wanted(servers), wanted(routes));
}
