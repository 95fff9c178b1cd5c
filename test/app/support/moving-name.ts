import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";
import { closeAfterTests } from "./left-over";

/**
 * A host name that moves, as a fail-over moves it: who connects from now on reaches the new server, and connections
 * stay where they were.
 */
export class MovingName {
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private target: number,
  ) {
    server.on("connection", (client: Socket) => {
      const upstream = connect(this.target, "127.0.0.1");
      this.pipe(client, upstream);
      this.pipe(upstream, client);
    });
    closeAfterTests(async () => {
      for (const socket of this.sockets) socket.destroy();
      server.close();
      await once(server, "close");
    });
  }

  /** @param target port that the name leads to */
  static async of(target: number): Promise<MovingName> {
    const server = createServer({ allowHalfOpen: true }).listen(0, "127.0.0.1");
    await once(server, "listening");
    return new MovingName(server, target);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  moveTo(target: number): void {
    this.target = target;
  }

  private pipe(from: Socket, to: Socket): void {
    this.sockets.add(from);
    from.pipe(to);
    from.on("error", () => to.destroy());
    from.on("close", () => {
      this.sockets.delete(from);
      to.destroy();
    });
  }
}
