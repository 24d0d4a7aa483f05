/** A network in front of a server that can break in several ways. */
import { once } from "node:events";
import net, { type AddressInfo } from "node:net";

export interface Network {
  port: number;
  /** Ends all connections, and accepts none until it is mended. */
  cut(): Promise<void>;
  mend(): Promise<void>;
  /** Whether nothing comes back for now, while all stay connected. */
  hold(on: boolean): void;
  /**
   * Lets the machines of all clients vanish: nothing comes from them any more,
   * and the server is not told of their end.
   */
  vanish(): void;
  stop(): Promise<void>;
}

/** Stands before a port of this machine. */
export async function startNetwork(to: number): Promise<Network> {
  const sockets = new Set<net.Socket>();
  const behinds = new Set<net.Socket>();
  let holds = false;
  let vanished = new AbortController();

  const server = net.createServer((client) => {
    const { signal } = vanished;
    const behind = net.connect(to, "127.0.0.1");
    for (const [socket, other] of [[client, behind], [behind, client]]) {
      sockets.add(socket!);
      socket!.on("error", () => {});
      socket!.on("close", () => {
        sockets.delete(socket!);
        if (socket === behind || !signal.aborted) other!.destroy();
      });
    }
    client.on("data", (chunk) => void (signal.aborted || behind.write(chunk)));
    behind.on("data", (chunk) => void (signal.aborted || client.write(chunk)));
    if (holds) behind.pause();
    behinds.add(behind);
    behind.on("close", () => behinds.delete(behind));
  });
  async function listen(port: number) {
    await once(server.listen(port, "127.0.0.1"), "listening");
  }
  await listen(0);
  const { port } = server.address() as AddressInfo;

  async function cut() {
    const closed = once(server, "close");
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  }
  return {
    port,
    cut,
    mend: () => listen(port),
    hold(on) {
      holds = on;
      for (const behind of behinds) on ? behind.pause() : behind.resume();
    },
    vanish() {
      vanished.abort();
      vanished = new AbortController();
    },
    async stop() {
      if (server.listening) await cut();
    },
  };
}
