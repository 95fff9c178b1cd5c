import { z } from "zod";

/**
 * What an environment says of the exchange's calendar that the image does not know: feasts of further years, closings,
 * half days, special sessions. The variable `BIST_CALENDAR_CHANGES` carries it as JSON; dates and times are Istanbul's.
 */

/** What the equity market can be doing. `MARGIN` is the minute in which orders are neither taken nor matched. */
export const sessionPhases = [
  "CLOSED",
  "OPENING_COLLECTION",
  "OPENING_MATCH",
  "CONTINUOUS",
  "MARGIN",
  "CLOSING_COLLECTION",
  "CLOSING_MATCH",
  "TRADES_AT_CLOSE",
] as const;

const date = z.iso.date({ error: "is not a date; use YYYY-MM-DD" });

/** Has a check between fields run even where one of them is wrong by itself: a reader gets every problem at once. */
const onAnyObject = ({ value }: { readonly value: unknown }) => typeof value === "object" && value !== null;

const feastYear = z
  .strictObject({
    /** Whether the exchange has published the year's schedule, or the dates are computed from the lunar calendar. */
    certainty: z.enum(["PUBLISHED", "ESTIMATED"]),
    /** First of the three days of Ramazan Bayramı; the day before is a half day. */
    ramadanFeast: date,
    /** First of the four days of Kurban Bayramı; the day before is a half day. */
    sacrificeFeast: date,
  })
  .refine(({ ramadanFeast, sacrificeFeast }) => yearOf(ramadanFeast) === yearOf(sacrificeFeast), {
    path: ["sacrificeFeast"],
    error: "is not in the year of ramadanFeast; give both feasts of one year",
    when: onAnyObject,
  });

const phaseRow = z.strictObject({
  from: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, "is not a time; use hh:mm"),
  /** Lasts until the next row. */
  phase: z.enum(sessionPhases),
});

const dayChange = z
  .strictObject({
    date,
    /** `HALF` trades too, and nothing settles on it. A weekend that is `FULL` or `HALF` has a special session. */
    kind: z.enum(["FULL", "HALF", "CLOSED"]),
    reason: z.string().min(1, "is empty; say what a trader should read"),
    /** The day's hours where they are not those of its kind: a late opening, an early end, a pause. */
    phases: z.array(phaseRow).optional(),
  })
  .refine(({ kind, phases }) => phases === undefined || kind !== "CLOSED", {
    path: ["phases"],
    error: "say when a CLOSED day trades; use FULL or HALF, or leave them out",
    when: onAnyObject,
  })
  .refine(({ phases }) => isRising(phases), {
    path: ["phases"],
    error: "are not in order; begin each later than the one before",
    when: onAnyObject,
  })
  .refine(({ phases }) => opensAndEnds(phases), {
    path: ["phases"],
    error: "do not open and close the day; begin with another phase than CLOSED and end with CLOSED",
    when: onAnyObject,
  });

export const calendarChangesSchema = z
  .strictObject({
    /** Years whose feasts are entered, or take the place of those that the image knows. */
    feasts: z.array(feastYear).default([]),
    /** Days that are not as feasts, national holidays and weekends make them. */
    days: z.array(dayChange).default([]),
  })
  .refine(({ feasts }) => isWithoutRepetition(feasts, (feast) => yearOf(feast.ramadanFeast)), {
    path: ["feasts"],
    error: "name a year twice; give each once",
    when: onAnyObject,
  })
  .refine(({ days }) => isWithoutRepetition(days, (day) => day.date), {
    path: ["days"],
    error: "name a date twice; give each once",
    when: onAnyObject,
  });

export type CalendarChanges = Readonly<z.infer<typeof calendarChangesSchema>>;
export type FeastYear = CalendarChanges["feasts"][number];
export type DayChange = CalendarChanges["days"][number];
export type PhaseRow = NonNullable<DayChange["phases"]>[number];
export type SessionPhase = PhaseRow["phase"];

/** The changes as the variable carries them. */
export const calendarChangesText = z.string().transform((text, context): CalendarChanges => {
  const problems = (found: readonly string[]) => {
    context.addIssue({ code: "custom", message: `the calendar's changes as JSON: ${found.join(", ")}` });
    return z.NEVER;
  };
  let input: unknown;
  try {
    input = JSON.parse(text);
  } catch (error) {
    return problems([(error as Error).message]);
  }
  const result = calendarChangesSchema.safeParse(input);
  if (result.success) return result.data;
  return problems(
    result.error.issues.map(({ path, message }) => [path.join("."), message].filter((part) => part !== "").join(": ")),
  );
});

// What follows is asked of values that may be wrong by themselves: those have their own problem, and none here.

type Maybe<T> = T | undefined;

function yearOf(day: unknown): Maybe<string> {
  return typeof day === "string" ? day.slice(0, 4) : undefined;
}

function isRising(phases: unknown): boolean {
  const times = rowsOf(phases).map(({ from }) => from);
  return times.every((from, index) => index === 0 || String(times[index - 1]) < String(from));
}

function opensAndEnds(phases: unknown): boolean {
  if (phases === undefined) return true;
  const rows = rowsOf(phases);
  return rows.length > 1 && rows[0]?.phase !== "CLOSED" && rows.at(-1)?.phase === "CLOSED";
}

function rowsOf(phases: unknown): readonly Partial<PhaseRow>[] {
  return Array.isArray(phases) ? phases.map((row: Partial<PhaseRow> | null) => row ?? {}) : [];
}

function isWithoutRepetition<T>(rows: readonly T[], key: (row: T) => Maybe<string>): boolean {
  if (!Array.isArray(rows)) return true;
  const keys = rows.map((row: T | null) => (row === null ? undefined : key(row))).filter((one) => one !== undefined);
  return new Set(keys).size === keys.length;
}
