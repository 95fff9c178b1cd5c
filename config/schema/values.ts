import { z } from "zod";

/** A guarded default that an environment turns off on purpose, with the reason that the plan will show. */
export const optOut = z.strictObject({
  reason: z.string().min(15, "say in a sentence why: the reason appears in the synthesized output"),
});
export type OptOut = z.infer<typeof optOut>;

/** IPv4 network in CIDR notation whose address is the network's own, for example `10.0.1.0/24`. */
export const cidr = z.string().superRefine((value, context) => {
  const problem = cidrProblem(value);
  if (problem !== undefined) context.addIssue({ code: "custom", message: problem });
});

/** Daily window in UTC, `hh:mm-hh:mm`. */
export const dailyWindow = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$/, "is not a window; use hh:mm-hh:mm in UTC");

/** Weekly window in UTC, `ddd:hh:mm-ddd:hh:mm`, in lower case. */
export const weeklyWindow = z
  .string()
  .regex(
    /^(mon|tue|wed|thu|fri|sat|sun):([01]\d|2[0-3]):[0-5]\d-(mon|tue|wed|thu|fri|sat|sun):([01]\d|2[0-3]):[0-5]\d$/,
    "is not a window; use ddd:hh:mm-ddd:hh:mm in UTC, for example sun:04:00-sun:05:00",
  );

/** Host or domain name in lower case, without a trailing dot. */
export const hostName = z
  .string()
  .regex(
    /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/,
    "is not a host name; use lower-case labels and a domain, for example api.bist-trading.com",
  );

export const days = z.int().min(1).max(3653);
export const port = z.int().min(1).max(65535);

export const arn = z.string().regex(/^arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:(\d{12})?:.+$/, "is not an ARN");

/** First and last address of a network as unsigned 32-bit numbers. */
export function addressRange(network: string): readonly [first: number, last: number] {
  const [address = "", prefix = ""] = network.split("/");
  const first = address.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0);
  return [first, first + 2 ** (32 - Number(prefix)) - 1];
}

export function cidrProblem(value: string): string | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(value);
  if (match === null) return `${value} is not a network; use CIDR notation, for example 10.0.1.0/24`;
  const numbers = match.slice(1).map(Number);
  const prefix = numbers[4] ?? 0;
  if (numbers.slice(0, 4).some((octet) => octet > 255) || prefix > 32) {
    return `${value} is out of range; octets go to 255 and prefixes to /32`;
  }
  const [first] = addressRange(value);
  const size = 2 ** (32 - prefix);
  if (first % size === 0) return undefined;
  const network = first - (first % size);
  const dotted = [24, 16, 8, 0].map((shift) => Math.floor(network / 2 ** shift) % 256).join(".");
  return `${value} is an address inside a network; the network is ${dotted}/${prefix}`;
}

export function contains(outer: string, inner: string): boolean {
  const [outerFirst, outerLast] = addressRange(outer);
  const [innerFirst, innerLast] = addressRange(inner);
  return outerFirst <= innerFirst && innerLast <= outerLast;
}

export function overlap(one: string, other: string): boolean {
  const [oneFirst, oneLast] = addressRange(one);
  const [otherFirst, otherLast] = addressRange(other);
  return oneFirst <= otherLast && otherFirst <= oneLast;
}

const WEEK_MINUTES = 7 * 24 * 60;
const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/** Minutes of the week, as half-open intervals; a daily window gives seven, one that crosses midnight wraps. */
function minutesOfWeek(window: string): [start: number, end: number][] {
  const parts = window.split("-");
  const minute = (text: string, day: number) => {
    const [hours = "0", minutes = "0"] = text.split(":").slice(-2);
    return day * 24 * 60 + Number(hours) * 60 + Number(minutes);
  };
  const [from = "", to = ""] = parts;
  if (from.split(":").length === 3) {
    const start = minute(from, WEEKDAYS.indexOf(from.slice(0, 3)));
    const end = minute(to, WEEKDAYS.indexOf(to.slice(0, 3)));
    return [[start, end > start ? end : end + WEEK_MINUTES]];
  }
  return WEEKDAYS.map((_, day) => {
    const start = minute(from, day);
    const end = minute(to, day);
    return [start, end > start ? end : end + 24 * 60];
  });
}

/** Whether two windows, daily or weekly, ever share a minute. */
export function windowsOverlap(one: string, other: string): boolean {
  return minutesOfWeek(one).some(([start, end]) =>
    minutesOfWeek(other).some(([otherStart, otherEnd]) =>
      [-WEEK_MINUTES, 0, WEEK_MINUTES].some((shift) => start < otherEnd + shift && otherStart + shift < end),
    ),
  );
}
