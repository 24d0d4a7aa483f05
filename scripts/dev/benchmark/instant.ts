/** A server that answers at once: an nginx of our own, or else the target. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Failure } from "../../../lib/exit.ts";
import { fetchDirectly } from "../../fetch/mod.ts";
import { freePorts } from "../../chapters/mod.ts";
import { type Server, startServer } from "../../../lib/script.ts";
import { find } from "./peers.ts";

const ATTEMPTS = 100;

/** Starts it on a free port. */
export async function startInstant(): Promise<Server> {
  const nginx = find("nginx");
  if (nginx) return await startNginx(nginx);
  console.log("nginx is not installed: the embedded target is called, which");
  console.log("is slower, so that no goal below is a fair one");
  const target = await startServer("target.ts");
  return { ...target, url: `${target.url}/status/200` };
}

async function startNginx(program: string): Promise<Server> {
  const folder = await mkdtemp(path.join(tmpdir(), "call-styles-nginx-"));
  const [port] = await freePorts(1);
  const file = path.join(folder, "nginx.conf");
  await writeFile(file, configuration(port!));
  const child = spawn(program, ["-p", folder, "-c", file], { stdio: "ignore" });
  const ended = once(child, "close");
  let running = true;
  ended.finally(() => running = false).catch(() => {});
  const url = `http://127.0.0.1:${port}/`;

  async function stop() {
    child.kill();
    await ended;
    await rm(folder, { recursive: true });
  }

  for (let attempt = 0; attempt < ATTEMPTS && running; attempt++) {
    const answer = await fetchDirectly(url).catch(() => undefined);
    if (await answer?.text() === "ok\n") return { url, stop };
    await sleep(50);
  }
  await stop();
  throw new Failure(`${program} did not start; without it, it is left out`);
}

/** Its own folder for everything, so that it needs no rights. */
function configuration(port: number): string {
  const folders = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((name) => `${name}_temp_path ${name};`).join(" ");
  return `
    daemon off;
    worker_processes 1;
    pid nginx.pid;
    error_log error.log;
    events { worker_connections 4096; }
    http {
      access_log off;
      keepalive_requests 1000000000;
      ${folders}
      server {
        listen 127.0.0.1:${port} backlog=4096;
        location / { return 200 "ok\\n"; }
      }
    }
  `;
}
