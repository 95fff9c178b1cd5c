import { randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { later } from "./clock";
import type { Clock } from "./clock";
import type { Input } from "./command";
import { JOURNAL_KEY, LEASE_MS, parseJournal, RENEWAL_MS, whereabouts } from "./journal";
import type { Journal } from "./journal";
import { OperationError, refused } from "./outcome";
import type { Records, Stored } from "./records";

/** Time between two looks at whether a holder that seems dead is. */
const WATCH_MS = 5_000;

/** Somebody else has taken the operation over: this process must not touch anything any more. */
export class LeaseLost extends OperationError {
  constructor({ id }: Journal) {
    super("unfinished", `The operation ${id} was taken over by somebody else; see \`operation show\``);
  }
}

/** The record of the environment's operation, as it is. */
export async function currentJournal(records: Records): Promise<(Stored & { readonly journal: Journal }) | undefined> {
  const stored = await records.read(JOURNAL_KEY);
  return stored === undefined ? undefined : { ...stored, journal: parseJournal(stored.text) };
}

/** One process's hold of an environment, and of the journal of what it does there. */
export class OperationLease {
  private readonly holder: string;

  private constructor(
    private readonly records: Records,
    private readonly clock: Clock,
    public journal: Journal,
    private version: string,
    /** Whether the operation was begun by a process before. */
    readonly takenOver: boolean,
  ) {
    this.holder = journal.lease.holder;
  }

  /**
   * What a command that is started finds: nothing, or the same command cut short, which it may go on with once its
   * holder has been silent for long enough.
   *
   * @throws OperationError with `busy` or `refused` when something else is going on
   */
  static async take(records: Records, clock: Clock, wanted: Wanted): Promise<OperationLease | undefined> {
    const found = await currentJournal(records);
    if (found === undefined || found.journal.ended !== undefined) return undefined;
    const { journal } = found;
    const same = journal.command === wanted.command && isDeepStrictEqual(journal.input, json(wanted.input));
    if (!same) refuseBeside(journal, clock);
    wanted.tell(`An earlier run of this was cut short, ${whereabouts(journal)}.`);
    return OperationLease.takeOver(records, clock, found, wanted.tell);
  }

  /** Goes on in the place of a process that is silent; waits until it has been so for long enough. */
  static async takeOver(
    records: Records,
    clock: Clock,
    found: Stored & { readonly journal: Journal },
    tell: (line: string) => void,
  ): Promise<OperationLease> {
    const { journal } = found;
    if (!isExpired(journal, clock)) tell(`Its lease ends at ${journal.lease.expiresAt}; waiting whether it is alive.`);
    while (!isExpired(journal, clock)) {
      await clock.sleep(WATCH_MS);
      const now = await records.read(JOURNAL_KEY);
      if (now?.version !== found.version) throw busy(journal);
    }
    const lease = new OperationLease(records, clock, leased(journal, clock), found.version, true);
    await lease.write(lease.journal, () => busy(journal));
    return lease;
  }

  /** Begins an operation. @throws OperationError with `busy` when somebody else began one at the same time */
  static async begin(records: Records, clock: Clock, journal: Omit<Journal, "lease">): Promise<OperationLease> {
    const before = await currentJournal(records);
    if (before !== undefined && before.journal.ended === undefined) throw busy(before.journal);
    const lease = new OperationLease(records, clock, leased(journal, clock), before?.version ?? "", false);
    await lease.write(
      lease.journal,
      () => new OperationError("busy", "Another operation began at the same moment: try again."),
    );
    return lease;
  }

  /** Writes the journal, which renews the lease. @throws LeaseLost */
  async note(change: Partial<Omit<Journal, "lease">>): Promise<void> {
    const journal = { ...this.journal, ...change };
    await this.write(leased(journal, this.clock, this.holder), () => new LeaseLost(journal));
  }

  /** Leaves an operation that failed half way, and ends the lease at once: the next run does not wait for it. */
  async letGo(failure: string): Promise<void> {
    const lease = { holder: this.holder, expiresAt: this.clock.now().toISOString() };
    await this.write({ ...this.journal, failure, lease }, () => new LeaseLost(this.journal));
  }

  /** Writes that the operation is over, which frees the environment for the next. @throws LeaseLost */
  async end(outcome: "done" | "undone" | "abandoned"): Promise<void> {
    await this.note({ current: undefined, ended: { at: this.clock.now().toISOString(), outcome } });
  }

  /** Renews the lease when it is time to. @throws LeaseLost */
  async keep(): Promise<void> {
    const left = Date.parse(this.journal.lease.expiresAt) - this.clock.now().getTime();
    if (left < RENEWAL_MS) await this.note({});
  }

  private async write(journal: Journal, lost: () => Error): Promise<void> {
    const since = this.version === "" ? undefined : this.version;
    const version = await this.records.write(JOURNAL_KEY, JSON.stringify(journal), since);
    if (version === undefined) throw lost();
    this.version = version;
    this.journal = journal;
  }
}

export interface Wanted {
  readonly command: string;
  readonly input: Input;
  readonly tell: (line: string) => void;
}

export const isExpired = ({ lease }: Journal, clock: Pick<Clock, "now">) =>
  Date.parse(lease.expiresAt) <= clock.now().getTime();

/** As it reads when it comes back from the record. */
const json = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

function leased(journal: Omit<Journal, "lease">, clock: Clock, holder = randomUUID().slice(0, 8)): Journal {
  return { ...journal, lease: { holder, expiresAt: later(clock.now(), LEASE_MS).toISOString() } };
}

function busy({ command, operator, startedAt, lease }: Journal): OperationError {
  return new OperationError(
    "busy",
    `${operator} is at "${command}" since ${startedAt} (lease until ${lease.expiresAt}). Wait for its end; ` +
      "`operation show` shows how far it is.",
  );
}

function refuseBeside(journal: Journal, clock: Clock): never {
  if (!isExpired(journal, clock)) throw busy(journal);
  throw refused(
    `"${journal.command}" of ${journal.operator} was cut short, ${whereabouts(journal)}. Bring it to an end first: ` +
      "`operation resume` goes on with it, `operation undo` takes it back.",
  );
}
