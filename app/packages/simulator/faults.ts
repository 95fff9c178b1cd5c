/**
 * What can go wrong between a client and the broker:
 * - `delay` answers after `delayMs`
 * - `drop` cuts the connection before anything is done
 * - `drop-after-accepting` does what was asked and cuts the connection instead of answering
 * - `error` answers 500 without doing anything
 * - `duplicate` says everything twice: rows of a list, messages of the socket
 * - `garbage` answers text that is not JSON, after doing what was asked
 * - `silence` never answers, after doing what was asked
 * - `unauthorized` answers 401 without doing anything, though the session lives
 * - `refuse` refuses an order or a request, in the way of the habit
 * - `other-form` answers `success: true` with content of another form, after doing what was asked
 * - `strange-rows` adds rows to a list that a client cannot read, see `strangeRows`
 */
export const faultKinds = [
  "delay",
  "drop",
  "drop-after-accepting",
  "error",
  "duplicate",
  "garbage",
  "silence",
  "unauthorized",
  "refuse",
  "other-form",
  "strange-rows",
] as const;
export type FaultKind = (typeof faultKinds)[number];

export interface FaultRule {
  /** An endpoint such as `SendOrder`, a socket message such as `socket:O`, or `*` for every endpoint. */
  readonly at: string;
  readonly kind: FaultKind;
  /** Only for this customer. */
  readonly customer?: string;
  /** How many times it happens. @default until cleared */
  readonly times?: number;
  /** For `delay`. @default 1000 */
  readonly delayMs?: number;
}

/** The script of faults; the first rule that fits is used up first. */
export class Faults {
  private scripted: { rule: FaultRule; left: number }[] = [];

  add(rule: FaultRule): void {
    this.scripted.push({ rule, left: rule.times ?? Infinity });
  }

  clear(): void {
    this.scripted = [];
  }

  get rules(): readonly FaultRule[] {
    return this.scripted.map(({ rule }) => rule);
  }

  /** The fault that strikes now, if any. */
  strike(at: string, customer: string | undefined): FaultRule | undefined {
    if (this.scripted.length === 0) return undefined;
    const found = this.scripted.find(
      ({ rule }) =>
        (rule.at === at || (rule.at === "*" && !at.startsWith("socket:"))) &&
        (rule.customer === undefined || rule.customer === customer),
    );
    if (found === undefined) return undefined;
    found.left -= 1;
    if (found.left <= 0) this.scripted = this.scripted.filter((entry) => entry !== found);
    return found.rule;
  }
}
