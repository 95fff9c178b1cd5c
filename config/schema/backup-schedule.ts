import { z } from "zod";

interface Field {
  readonly of: string;
  readonly least: number;
  readonly most: number;
  /** What a number may be called, from the least on. */
  readonly names?: readonly string[];
}

/** Of a schedule as CloudNativePG reads it: github.com/robfig/cron v1.2.0, spec.go. */
const fields: readonly Field[] = [
  { of: "second", least: 0, most: 59 },
  { of: "minute", least: 0, most: 59 },
  { of: "hour", least: 0, most: 23 },
  { of: "day of the month", least: 1, most: 31 },
  {
    of: "month",
    least: 1,
    most: 12,
    names: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
  },
  { of: "day of the week", least: 0, most: 6, names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"] },
];

/** Cron of six fields, seconds first, that CloudNativePG's webhook takes. */
export const backupSchedule = z.string().superRefine((schedule, context) => {
  const parts = schedule.split(" ");
  if (parts.length !== fields.length || parts.includes("")) {
    context.addIssue({ code: "custom", message: "is not a cron expression of six fields, seconds first" });
    return;
  }
  for (const [index, field] of fields.entries()) {
    const part = parts[index] ?? "";
    if (part.split(",").every((range) => isWithin(range, field))) continue;
    const message = `has "${part}" for the ${field.of}; use numbers from ${field.least} to ${field.most}, ranges of them, or *`;
    context.addIssue({ code: "custom", message });
  }
});

/** Whether `*`, a number or a range is one of the field, every so many of them or not. */
function isWithin(range: string, field: Field): boolean {
  const [, from, to, step] = /^(\*|\?|\w+)(?:-(\w+))?(?:\/(\d+))?$/.exec(range) ?? [];
  if (from === undefined || (step !== undefined && Number(step) === 0)) return false;
  if (from === "*" || from === "?") return to === undefined;
  const [first, last] = [from, to ?? from].map((text) => numberOf(text, field));
  return first !== undefined && last !== undefined && first >= field.least && last <= field.most && first <= last;
}

function numberOf(text: string, { least, names = [] }: Field): number | undefined {
  const named = names.indexOf(text.toLowerCase());
  if (named >= 0) return least + named;
  return /^\d+$/.test(text) ? Number(text) : undefined;
}
