import type { ClientSocket } from "../../../packages/kit/http/client-socket";
import type { Audience } from "./audience";

/** How much may wait for a client, and for how long. */
export interface SlowLimits {
  /** Bytes in waiting at which a client gets no more updates, and at a quarter of which it goes on with a conflated one. */
  readonly bufferBytes: number;
  /** Time that a client may stay behind before it is closed. */
  readonly patienceMs: number;
  /** Time that a closed client has to take the news before its connection is cut. */
  readonly closeMs: number;
}

export const slowLimits: SlowLimits = { bufferBytes: 512 * 1024, patienceMs: 10_000, closeMs: 2_000 };

/** One client of the stream. Memory for it is bounded by `bufferBytes` and one frame. */
export class Subscriber {
  audience: Audience<Subscriber> | undefined;
  private behindSince: number | undefined;
  private cutOff: NodeJS.Timeout | undefined;

  constructor(
    private readonly socket: ClientSocket,
    private readonly limits: SlowLimits,
  ) {
    socket.onClose(() => {
      clearTimeout(this.cutOff);
    });
  }

  send(text: string | Buffer): void {
    this.socket.send(text);
  }

  /**
   * Sends an update, or not: a client that does not read gets nothing until it does, then the latest state in place of
   * what it missed, and after a while a close code.
   *
   * @param conflated makes the latest state of everything that the client listens to
   */
  update(message: Buffer | undefined, conflated: () => string, now: number): void {
    const waiting = this.socket.bufferedBytes;
    if (this.behindSince === undefined) {
      if (waiting <= this.limits.bufferBytes) {
        if (message !== undefined) this.socket.send(message);
        return;
      }
      this.behindSince = now;
    }
    if (waiting <= this.limits.bufferBytes / 4) {
      this.behindSince = undefined;
      this.socket.send(conflated());
    } else if (now - this.behindSince > this.limits.patienceMs) this.giveUp();
  }

  private giveUp(): void {
    if (this.cutOff !== undefined) return;
    this.socket.close("slowConsumer");
    this.cutOff = setTimeout(() => {
      this.socket.terminate();
    }, this.limits.closeMs);
  }
}
