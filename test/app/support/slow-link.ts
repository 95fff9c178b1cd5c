import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";
import type { Random } from "../../../app/packages/simulator/random";

interface Host {
  readonly host: string;
  readonly port: number;
}

/** Connections to a host; one that vanished swallows what it is sent, and what it might have answered. */
interface Reach {
  readonly upstreams: Set<Socket>;
  vanished: "not" | "after what is under way" | "at once";
}

/**
 * The network between one process and its database: each chunk takes a while, so that a process that ends does so between
 * two statements. What was sent arrives even when the sender is gone.
 */
export class SlowLink {
  private readonly sockets = new Set<Socket>();
  private held: Promise<void> = Promise.resolve();
  private refusing = false;
  /** Told of each piece that a connection sends, before it goes on. */
  onSent: ((connection: object, text: string) => void) | undefined;
  private reach: Reach = { upstreams: new Set(), vanished: "not" };

  private constructor(
    private readonly server: Server,
    private target: Host,
    private readonly random: Pick<Random, "next">,
    private readonly mostMs: number,
  ) {
    server.on("connection", (client: Socket) => {
      this.relay(client);
    });
  }

  /** @param mostMs longest time that a chunk takes */
  static async start(target: Host, random: Pick<Random, "next"> = { next: () => 0 }, mostMs = 0): Promise<SlowLink> {
    // A host that vanished answers no goodbye either.
    const server = createServer({ allowHalfOpen: true });
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

  /**
   * The host is gone without a word: its connections stay open and bring nothing, and new ones too, until `moveTo`.
   * `after what is under way` swallows answers alone: what a process has sent, and sends until `moveTo`, is still carried out.
   */
  vanish(how: "at once" | "after what is under way" = "at once"): void {
    this.reach.vanished = how;
  }

  /** Another host has the name: new connections reach it, those of before reach none, and the sessions behind them are over. */
  moveTo(target: Host = this.target): void {
    this.reach.vanished = "at once";
    for (const upstream of this.reach.upstreams) upstream.destroy();
    this.reach = { upstreams: new Set(), vanished: "not" };
    this.target = target;
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
    const { reach } = this;
    client.on("data", (chunk: Buffer) => this.onSent?.(client, chunk.toString("latin1")));
    const upstream = connect({ ...this.target, allowHalfOpen: true });
    reach.upstreams.add(upstream);
    upstream.on("close", () => reach.upstreams.delete(upstream));
    this.pipe(client, upstream, () => reach.vanished === "at once");
    this.pipe(upstream, client, () => reach.vanished !== "not");
  }

  private pipe(from: Socket, to: Socket, isSwallowed: () => boolean): void {
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
      then(() => isSwallowed() || to.write(chunk));
    });
    from.on("error", () => undefined);
    from.on("end", () => {
      then(() => isSwallowed() || to.end());
    });
    from.on("close", () => {
      this.sockets.delete(from);
      then(() => isSwallowed() || to.end());
    });
  }
}
