import fc from "fast-check";
import { windowMinutes, windowsOverlap } from "../../config/schema/windows";

const DAY = 24 * 60;
const WEEK = 7 * DAY;
const days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const two = (value: number) => String(value).padStart(2, "0");
const timeOfDay = (minute: number) => `${two(Math.floor((minute % DAY) / 60))}:${two(minute % 60)}`;
const timeOfWeek = (minute: number) => `${String(days[Math.floor((minute % WEEK) / DAY)])}:${timeOfDay(minute % DAY)}`;

/** A window, and the minutes of the week in which it is open, counted one by one. */
const daily = fc.tuple(fc.nat(DAY - 1), fc.integer({ min: 1, max: DAY - 1 })).map(([start, length]) => ({
  text: `${timeOfDay(start)}-${timeOfDay(start + length)}`,
  length,
  minutes: new Set(days.flatMap((_, day) => Array.from({ length }, (__, m) => (day * DAY + start + m) % WEEK))),
}));
const weekly = fc.tuple(fc.nat(WEEK - 1), fc.integer({ min: 1, max: DAY })).map(([start, length]) => ({
  text: `${timeOfWeek(start)}-${timeOfWeek(start + length)}`,
  length,
  minutes: new Set(Array.from({ length }, (_, minute) => (start + minute) % WEEK)),
}));

describe("maintenance and backup windows", () => {
  test("overlap exactly when they share a minute of the week", () => {
    fc.assert(
      fc.property(fc.oneof(daily, weekly), fc.oneof(daily, weekly), (one, other) => {
        const shared = [...one.minutes].some((minute) => other.minutes.has(minute));
        expect(windowsOverlap(one.text, other.text)).toBe(shared);
      }),
      { numRuns: 60 },
    );
  });

  test("last from their start to their end, past midnight and past the week's end", () => {
    fc.assert(
      fc.property(fc.oneof(daily, weekly), ({ text, length }) => {
        expect(windowMinutes(text)).toBe(length);
      }),
    );
  });

  test.each([
    ["03:00-04:00", "sun:04:00-sun:05:00", false],
    ["03:00-04:01", "sun:04:00-sun:05:00", true],
    ["23:30-00:30", "mon:00:00-mon:00:30", true],
    ["00:00-01:00", "sun:23:00-mon:00:30", true],
    ["03:00-05:00", "sun:05:00-sun:07:00", false],
  ])("%s and %s overlap: %s", (one, other, expected) => {
    expect(windowsOverlap(one, other)).toBe(expected);
    expect(windowsOverlap(other, one)).toBe(expected);
  });
});
