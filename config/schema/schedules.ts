import { z } from "zod";

interface Field {
  readonly of: string;
  readonly least: number;
  readonly most: number;
  /** What a number may be called, from the least on. */
  readonly names?: readonly string[];
}

/** As both CloudNativePG and Kubernetes read them: github.com/robfig/cron v1.2.0, spec.go, and v3.0.1, spec.go. */
const fields = {
  second: { of: "second", least: 0, most: 59 },
  minute: { of: "minute", least: 0, most: 59 },
  hour: { of: "hour", least: 0, most: 23 },
  day: { of: "day of the month", least: 1, most: 31 },
  month: {
    of: "month",
    least: 1,
    most: 12,
    names: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
  },
  weekday: {
    of: "day of the week",
    least: 0,
    most: 6,
    names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"],
  },
} as const satisfies Record<string, Field>;

type Unit = keyof typeof fields;

/** Days of each month, in the years that have most. */
const longest = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

interface Shape {
  /** How it is called where it is not one. */
  readonly is: string;
  readonly units: readonly Unit[];
  /** Of which it has one number: what comes more often cannot be meant. */
  readonly single: readonly Unit[];
  readonly tooOften: string;
}

/** Cron of six fields, seconds first, that CloudNativePG's webhook takes: a backup an hour at most. */
export const backupSchedule = schedule({
  is: "a cron expression of six fields, seconds first",
  units: ["second", "minute", "hour", "day", "month", "weekday"],
  single: ["second", "minute"],
  tooOften: "comes more often than every hour; use one number for second and minute, for example 0 0 1 * * *",
});

/** Cron of five fields, for what takes hours and is never to be there twice: once a day at most. */
export const dailySchedule = schedule({
  is: "a cron expression of five fields",
  units: ["minute", "hour", "day", "month", "weekday"],
  single: ["minute", "hour"],
  tooOften: "comes more often than every day; use one number for minute and hour, for example 30 0 * * *",
});

function schedule({ is, units, single, tooOften }: Shape) {
  return z.string().superRefine((text, context) => {
    const parts = text.split(" ");
    const problem = (message: string) => {
      context.addIssue({ code: "custom", message });
    };
    if (parts.length !== units.length || parts.includes("")) {
      problem(`is not ${is}`);
      return;
    }
    const named = new Map(units.map((unit, index) => [unit, parts[index] ?? ""]));
    const at = new Map<Unit, readonly number[]>();
    for (const [unit, part] of named) {
      const { of, least, most } = fields[unit];
      const numbers = numbersOf(part, fields[unit]);
      if (numbers !== undefined) at.set(unit, numbers);
      else problem(`has "${part}" for the ${of}; use numbers from ${least} to ${most}, ranges of them, or *`);
    }
    if (at.size < units.length) return;
    if (!single.every((unit) => /^\d+$/.test(named.get(unit) ?? ""))) problem(tooOften);
    // Where both kinds of days are given, either is enough.
    const everyWeekday = /^[*?]$/.test(named.get("weekday") ?? "");
    if (everyWeekday && !comes(at.get("day") ?? [], at.get("month") ?? [])) {
      problem(`never comes: no such month has a day ${named.get("day") ?? ""}`);
    }
  });
}

const comes = (days: readonly number[], months: readonly number[]) =>
  months.some((month) => days.some((day) => day <= (longest[month - 1] ?? 0)));

/** What a list of `*`, numbers and ranges stands for, every so many of them or not; undefined where it is none. */
function numbersOf(part: string, field: Field): readonly number[] | undefined {
  const ranges = part.split(",").map((range) => numbersOfRange(range, field));
  return ranges.includes(undefined) ? undefined : [...new Set(ranges.flatMap((numbers) => numbers ?? []))];
}

function numbersOfRange(text: string, field: Field): readonly number[] | undefined {
  const [, from, to, every] = /^(\*|\?|\w+)(?:-(\w+))?(?:\/(\d+))?$/.exec(text) ?? [];
  const step = Number(every ?? 1);
  if (from === undefined || step === 0) return undefined;
  const all = from === "*" || from === "?";
  if (all && to !== undefined) return undefined;
  const first = all ? field.least : numberOf(from, field);
  // A number with a step is a range without an end.
  const last = all || (to === undefined && every !== undefined) ? field.most : numberOf(to ?? from, field);
  if (first === undefined || last === undefined || first < field.least || last > field.most || first > last) {
    return undefined;
  }
  return Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, index) => first + index * step);
}

function numberOf(text: string, { least, names = [] }: Field): number | undefined {
  const named = names.indexOf(text.toLowerCase());
  if (named >= 0) return least + named;
  return /^\d+$/.test(text) ? Number(text) : undefined;
}
