import { istanbulDate, TradingCalendar } from "../../../../app/packages/bist/calendar";

/** Trading is continuous whenever the test runs, also over midnight. */
export const alwaysOpen = new TradingCalendar({
  feasts: [],
  days: [-1, 0, 1].map((day) => ({
    date: istanbulDate(Date.now() + day * 86_400_000),
    kind: "FULL",
    reason: "a special session",
    phases: [{ from: "00:00", phase: "CONTINUOUS" }],
  })),
});
