/** Ports for servers of other people, which can't be told to take any. */
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";

/** Ports of loopback that nobody listens on. */
export function freePorts(count: number): Promise<number[]> {
  return Promise.all(Array.from({ length: count }, async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    server.close();
    return port;
  }));
}
