import { connect, createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";

/**
 * What the network does to connections, new and open:
 * - `pass` nothing
 * - `delay` every chunk by some milliseconds, both ways
 * - `swallow` requests arrive, answers never do
 * - `reset` cuts every connection, and every new one
 */
export type NetworkFault =
  { readonly kind: "pass" | "swallow" | "reset" } | { readonly kind: "delay"; readonly ms: number };

/** A TCP proxy in front of one server, for tests of what happens when the network does not behave. */
export class FaultProxy {
  private active: NetworkFault = { kind: "pass" };
  private readonly sockets = new Set<Socket>();

  private constructor(
    readonly server: Server,
    readonly target: { readonly host: string; readonly port: number },
  ) {
    server.on("connection", (client: Socket) => {
      this.relay(client);
    });
  }

  /** @param url of the server behind */
  static async start(url: string): Promise<FaultProxy> {
    const { hostname, port } = new URL(url);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new FaultProxy(server, { host: hostname, port: Number(port) });
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  set fault(fault: NetworkFault) {
    this.active = fault;
    if (fault.kind === "reset") for (const socket of this.sockets) socket.resetAndDestroy();
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private relay(client: Socket): void {
    if (this.active.kind === "reset") {
      client.resetAndDestroy();
      return;
    }
    const upstream = connect(this.target);
    for (const socket of [client, upstream]) {
      this.sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        this.sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.on("data", (chunk: Buffer) => {
      this.forward(upstream, chunk, true);
    });
    upstream.on("data", (chunk: Buffer) => {
      this.forward(client, chunk, false);
    });
  }

  private forward(to: Socket, chunk: Buffer, isRequest: boolean): void {
    const fault = this.active;
    if (fault.kind === "swallow" && !isRequest) return;
    if (fault.kind === "delay") setTimeout(() => to.write(chunk), fault.ms);
    else to.write(chunk);
  }
}
