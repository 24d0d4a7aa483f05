/** A server's network, for tests: it can be cut, and it can swallow all. */
import { once } from "node:events";
import net, { type AddressInfo } from "node:net";
import { after } from "node:test";

export interface Proxy {
  port: number;
  /** Ends all connections, and lets nobody in until it is mended. */
  cut(): Promise<void>;
  mend(): Promise<void>;
  /** Whether nothing comes back any more, while all stay connected. */
  swallow(on: boolean): void;
}

/** Stands before a port of this machine until the tests of the file are over. */
export async function startProxy(to: number): Promise<Proxy> {
  const sockets = new Set<net.Socket>();
  let swallows = false;

  const server = net.createServer((client) => {
    const behind = net.connect(to, "127.0.0.1");
    for (const [socket, other] of [[client, behind], [behind, client]]) {
      sockets.add(socket!);
      socket!.on("error", () => {});
      socket!.on("close", () => {
        sockets.delete(socket!);
        other!.destroy();
      });
    }
    client.on("data", (chunk) => behind.write(chunk));
    behind.on("data", (chunk) => void (swallows || client.write(chunk)));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;

  async function cut() {
    const closed = once(server, "close");
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  }
  after(async () => {
    if (server.listening) await cut();
  });
  return {
    port,
    cut,
    async mend() {
      await once(server.listen(port, "127.0.0.1"), "listening");
    },
    swallow(on) {
      swallows = on;
    },
  };
}
