/** The servers that faults are met at, for tests. */
import { lookup } from "node:dns/promises";
import { once } from "node:events";
import net, { type AddressInfo, type Socket } from "node:net";
import { after } from "node:test";
import tls from "node:tls";
import { testKey } from "./certificates.ts";
import { answersWell, type Fault, redirection } from "./fault_table.ts";
import { UNKNOWN } from "./fault_table.ts";

export interface FaultServer {
  /** By way of it a call of /7 meets the seventh fault; of /0, none. */
  url: string;
  /** Where each fault itself is. */
  urls: string[];
  /** How many connections are open. */
  open(): number;
}

/** Starts the servers of faults, until the tests of the file are over. */
export async function startFaults(table: Fault[]): Promise<FaultServer> {
  const sockets = new Set<Socket>();
  const servers: net.Server[] = [];

  async function listen(server: net.Server): Promise<string> {
    server.on("connection", (socket: Socket) => {
      sockets.add(socket);
      socket.on("close", () => sockets.delete(socket));
      socket.on("error", () => {});
      // Else nobody sees that it ends.
      socket.resume();
    });
    servers.push(server);
    await once(server.listen(0, "127.0.0.1"), "listening");
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  const urls: string[] = [];
  const shared = await listen(net.createServer(answering((socket, path) => {
    const index = Number(path.split("/")[1]) - 1;
    const { answer, at } = table[index] ?? { answer: answersWell };
    if (answer && !at) answer(socket, path);
    else socket.write(redirection(urls[index]!));
  })));
  for (const [index, fault] of table.entries()) {
    const { connected, certificate: cert, answer, at = "http:" } = fault;
    if (cert) {
      const server = tls.createServer(
        { cert, key: testKey },
        answering(answersWell),
      );
      urls.push(`https://${await listen(server)}/`);
    } else if (connected) {
      urls.push(`${at}//${await listen(net.createServer(connected))}/`);
    } else urls.push(answer ? `${at}//${shared}/${index + 1}` : at);
  }

  after(() => {
    for (const server of servers) server.close();
    for (const socket of sockets) socket.destroy();
  });
  return { url: `http://${shared}`, urls, open: () => sockets.size };
}

/** Has each request on a connection answered. */
function answering(answer: (socket: Socket, path: string) => unknown) {
  return (socket: Socket) => {
    let head = "";
    socket.setNoDelay().on("data", (chunk) => {
      head += chunk.toString("latin1");
      const [, path = ""] = /^GET (\S+) .*\r\n\r\n/s.exec(head) ?? [];
      if (path === "" && !head.startsWith(HANDSHAKE)) return;
      head = "";
      answer(socket, path);
    });
    // One who resets what is read closes it, and that is all.
    socket.on("error", () => {});
  };
}

/** What TLS begins with (RFC 8446, 5.1). */
const HANDSHAKE = "\x16";

/** Why this machine can't say that it doesn't know a host, if it can't. */
export function noResolver(): Promise<string | undefined> {
  return Promise.race([
    lookup(new URL(UNKNOWN).hostname).then(
      () => "its resolver knows any name",
      (error) =>
        error.code === "ENOTFOUND"
          ? undefined
          : `its resolver fails (${error.code})`,
    ),
    new Promise<string>((resolve) => {
      setTimeout(resolve, 2000, "its resolver doesn't answer").unref();
    }),
  ]);
}
