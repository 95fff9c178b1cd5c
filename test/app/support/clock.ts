import type { Clock } from "../../../app/packages/kit/clock";

/** A clock that stands still until it is told to move. */
export class TestClock implements Clock {
  /** @param at milliseconds since the epoch, @default now */
  constructor(public at = Date.now()) {}

  now(): number {
    return this.at;
  }

  advance(ms: number): void {
    this.at += ms;
  }
}
