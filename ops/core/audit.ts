import { randomUUID } from "node:crypto";
import type { Clock } from "./clock";
import type { Journal } from "./journal";
import type { Records } from "./records";

/** What happened to an operation or an action. */
export type AuditEvent =
  ("started" | "done") | ("taken over" | "turned back" | "undone" | "unfinished" | "abandoned") | "failed";

/** What a note is about. */
export type Audited = Pick<Journal, "id" | "command" | "input" | "current" | "failure">;

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
  async note(event: AuditEvent, { id, command, input, current, failure }: Audited): Promise<void> {
    const at = this.clock.now().toISOString();
    const entry: AuditEntry = {
      at,
      event,
      operation: id,
      command,
      input,
      operator: this.operator,
      step: current,
      reason: failure,
    };
    const name = `${at}-${event.replaceAll(" ", "-")}-${randomUUID().slice(0, 8)}`;
    await this.records.write(`audit/${at.slice(0, 10)}/${name}.json`, JSON.stringify(entry), undefined);
  }
}

/** Entries of one day, UTC, oldest first. */
export async function auditOf(records: Records, day: string): Promise<readonly AuditEntry[]> {
  const keys = await records.list(`audit/${day}/`);
  const stored = await Promise.all(keys.map((key) => records.read(key)));
  return stored.flatMap((entry) => (entry === undefined ? [] : [JSON.parse(entry.text) as AuditEntry]));
}
