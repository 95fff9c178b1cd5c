import { z } from "zod";

const instant = z.iso.datetime();

/** The one record of what is being done to an environment: journal and lease in one, so that one write keeps both. */
export const journalSchema = z.strictObject({
  schema: z.literal(1),
  /** Names the operation in the audit trail. */
  id: z.string(),
  command: z.string(),
  /** As typed: the same input again goes on with this operation. */
  input: z.record(z.string(), z.unknown()),
  /** What the command decided before it began; its steps are made from it. */
  plan: z.unknown(),
  operator: z.string(),
  startedAt: instant,
  lease: z.strictObject({
    /** Process that is at work, by a random name. */
    holder: z.string(),
    /** When another process may take over. */
    expiresAt: instant,
  }),
  direction: z.enum(["forward", "back"]),
  /** Steps that are done and, while it goes back, not undone yet. */
  done: z.array(z.string()),
  /** Step that is being done, or undone. */
  current: z.string().optional(),
  /** Why it is undone, or failed. */
  failure: z.string().optional(),
  /** How it ended. Absent while it has not. */
  ended: z.strictObject({ at: instant, outcome: z.enum(["done", "undone", "abandoned"]) }).optional(),
});

export type Journal = Readonly<z.infer<typeof journalSchema>>;

/** Key of the record. */
export const JOURNAL_KEY = "current.json";

/** Time without a renewal after which a holder counts as dead. */
export const LEASE_MS = 120_000;

/** A lease that will end within this time is renewed. */
export const RENEWAL_MS = 90_000;

/** @throws Error that says what is wrong with the record and how to be rid of it */
export function parseJournal(text: string): Journal {
  const result = journalSchema.safeParse(JSON.parse(text));
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => `${path.join(".")} ${message}`).join("; ");
  throw new Error(
    `The record of the running operation (operations/${JOURNAL_KEY} in the state bucket) cannot be read: ${problems}. ` +
      "It may be of a newer version of this tool: use that one, or restore the object's previous version.",
  );
}

/** What an unfinished operation is at, in a clause. */
export function whereabouts({ direction, current, done }: Journal): string {
  const step = current === undefined ? `after ${done.at(-1) ?? "nothing"}` : `at "${current}"`;
  return direction === "forward" ? `going forward, ${step}` : `undoing, ${step}`;
}
