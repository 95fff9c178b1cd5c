import { setTimeout as sleep } from "node:timers/promises";

/** Time as operations see it: injected, so that a soak of minutes takes a test no time. */
export interface Clock {
  now(): Date;
  sleep(milliseconds: number): Promise<void>;
}

export const systemClock: Clock = {
  now: () => new Date(),
  sleep: async (milliseconds) => {
    await sleep(milliseconds);
  },
};

export const SECOND_MS = 1_000;
export const MINUTE_MS = 60_000;

export function later(time: Date, milliseconds: number): Date {
  return new Date(time.getTime() + milliseconds);
}
