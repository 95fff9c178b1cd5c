import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "../../../ops/core/clock";

/** A clock that a wait moves on by itself: a soak of five minutes takes moments. */
export class TestClock implements Clock {
  /** Real time that a wait of any length gives the servers of the test: on a busy machine pods take their time. */
  momentMs = 100;

  constructor(private time: number) {}

  now(): Date {
    return new Date(this.time);
  }

  async sleep(milliseconds: number): Promise<void> {
    this.time += milliseconds;
    await sleep(Math.min(milliseconds, this.momentMs));
  }

  pass(milliseconds: number): void {
    this.time += milliseconds;
  }
}
