export const DAY_MINUTES = 24 * 60;
const WEEK_MINUTES = 7 * DAY_MINUTES;
const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/** Half-open interval in minutes from Monday 00:00 UTC; one that crosses the week's end goes on past it. */
type Interval = readonly [start: number, end: number];

/** When a window is open in a week: a weekly window once, a daily one seven times. */
function intervals(window: string): readonly Interval[] {
  const [from = "", to = ""] = window.split("-");
  if (from.split(":").length === 3) return [interval(minuteOfWeek(from), minuteOfWeek(to), WEEK_MINUTES)];
  return WEEKDAYS.map((_, day) => {
    const [start, end] = interval(minuteOfDay(from), minuteOfDay(to), DAY_MINUTES);
    return [start + day * DAY_MINUTES, end + day * DAY_MINUTES];
  });
}

function interval(start: number, end: number, period: number): Interval {
  return [start, end >= start ? end : end + period];
}

function minuteOfDay(time: string): number {
  const [hours, minutes] = time.split(":");
  return Number(hours) * 60 + Number(minutes);
}

function minuteOfWeek(time: string): number {
  return WEEKDAYS.indexOf(time.slice(0, 3)) * DAY_MINUTES + minuteOfDay(time.slice(4));
}

/** How long a window, daily or weekly, is open each time. */
export function windowMinutes(window: string): number {
  const [[start, end] = [0, 0]] = intervals(window);
  return end - start;
}

/** Whether two windows, daily or weekly, ever share a minute. */
export function windowsOverlap(one: string, other: string): boolean {
  return intervals(one).some(([start, end]) =>
    intervals(other).some(([otherStart, otherEnd]) =>
      [-WEEK_MINUTES, 0, WEEK_MINUTES].some((shift) => start < otherEnd + shift && otherStart + shift < end),
    ),
  );
}
