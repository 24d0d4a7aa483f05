/** Ports for servers that can't choose a free one themselves. */
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";

/** Unused ports of loopback. */
export function freePorts(count: number): Promise<number[]> {
  return Promise.all(Array.from({ length: count }, async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    server.close();
    return port;
  }));
}
