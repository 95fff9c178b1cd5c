import type { Clock } from "./clock";
import type { Journal } from "./journal";
import type { Records } from "./records";

/** What happened to an operation. */
export type AuditEvent = "started" | "taken over" | "turned back" | "done" | "undone" | "unfinished" | "abandoned";

export interface AuditEntry {
  readonly at: string;
  readonly event: AuditEvent;
  readonly operation: string;
  readonly command: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** Who did this: the ARN of the caller. */
  readonly operator: string;
  readonly step?: string;
  readonly reason?: string;
}

/** Who did what, when, and how it ended: one object an event, written once, in a bucket that keeps versions. */
export class AuditTrail {
  constructor(
    private readonly records: Records,
    private readonly clock: Pick<Clock, "now">,
    private readonly operator: string,
  ) {}

  /** Notes an event; the same one a second time, after a kill, has an entry of its own. */
  async note(event: AuditEvent, journal: Journal): Promise<void> {
    const at = this.clock.now().toISOString();
    const entry: AuditEntry = {
      at,
      event,
      operation: journal.id,
      command: journal.command,
      input: journal.input,
      operator: this.operator,
      step: journal.current,
      reason: journal.failure,
    };
    const name = `${at}-${event.replaceAll(" ", "-")}-${journal.lease.holder}`;
    await this.records.write(`audit/${at.slice(0, 10)}/${name}.json`, JSON.stringify(entry), undefined);
  }
}

/** Entries of one day, UTC, oldest first. */
export async function auditOf(records: Records, day: string): Promise<readonly AuditEntry[]> {
  const keys = await records.list(`audit/${day}/`);
  const stored = await Promise.all(keys.map((key) => records.read(key)));
  return stored.flatMap((entry) => (entry === undefined ? [] : [JSON.parse(entry.text) as AuditEntry]));
}
