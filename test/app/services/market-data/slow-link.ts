import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";
import type { Random } from "../../../../app/packages/simulator/random";

/**
 * The network between one process and its database: each chunk takes a while, so that a process that ends does so between
 * two statements. What was sent arrives even when the sender is gone.
 */
export class SlowLink {
  private readonly sockets = new Set<Socket>();
  private held: Promise<void> = Promise.resolve();
  private refusing = false;

  private constructor(
    private readonly server: Server,
    private readonly target: { readonly host: string; readonly port: number },
    private readonly random: Random,
    private readonly mostMs: number,
  ) {
    server.on("connection", (client: Socket) => {
      this.relay(client);
    });
  }

  /** @param mostMs longest time that a chunk takes */
  static async start(
    target: { readonly host: string; readonly port: number },
    random: Random,
    mostMs: number,
  ): Promise<SlowLink> {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new SlowLink(server, target, random, mostMs);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Nothing arrives for so long; then everything that was sent meanwhile does. @default for ever */
  hold(ms?: number): void {
    this.held = new Promise((resolve) => ms !== undefined && setTimeout(resolve, ms));
  }

  /** Cuts every connection, and refuses new ones for so long. */
  cut(ms: number): void {
    this.refusing = true;
    for (const socket of this.sockets) socket.resetAndDestroy();
    setTimeout(() => (this.refusing = false), ms);
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
    await once(this.server, "close");
  }

  private relay(client: Socket): void {
    if (this.refusing) {
      client.resetAndDestroy();
      return;
    }
    const upstream = connect(this.target);
    this.pipe(client, upstream);
    this.pipe(upstream, client);
  }

  private pipe(from: Socket, to: Socket): void {
    this.sockets.add(from);
    let turn = Promise.resolve();
    const then = (work: () => void) => {
      const delayMs = this.random.next() * this.mostMs;
      turn = turn
        .then(() => new Promise<void>((resolve) => setTimeout(resolve, delayMs)))
        .then(() => this.held)
        .then(work);
    };
    from.on("data", (chunk: Buffer) => {
      then(() => to.write(chunk));
    });
    from.on("error", () => undefined);
    from.on("close", () => {
      this.sockets.delete(from);
      then(() => to.end());
    });
  }
}
