export interface LeaseValidityOptions {
  /** Monotonic milliseconds. @default performance.now */
  readonly now?: () => number;
  /** Called once the lease was not renewed in time. */
  readonly onExpired?: () => void;
}

/**
 * How long this process believes in a lease that lives in the database and runs out by its clock: counted monotonically,
 * and from before it was asked for, so that no process believes longer than the database does.
 */
export class LeaseValidity {
  private validUntil = -Infinity;
  private expiry: NodeJS.Timeout | undefined;
  private readonly now: () => number;

  /** @param believedMs at most the lease's duration in the database */
  constructor(
    private readonly believedMs: number,
    private readonly options: LeaseValidityOptions = {},
  ) {
    this.now = options.now ?? (() => performance.now());
  }

  /** Whether the lease is surely still this process's own. */
  get holds(): boolean {
    return this.now() < this.validUntil;
  }

  /** The lease was granted or renewed. @param askedAt by the same clock, before it was asked for */
  extend(askedAt: number): void {
    this.validUntil = askedAt + this.believedMs;
    const { onExpired } = this.options;
    if (onExpired === undefined) return;
    clearTimeout(this.expiry);
    this.expiry = setTimeout(onExpired, Math.max(0, this.validUntil - this.now()));
  }

  /** The lease was given back or lost; nobody is told. */
  end(): void {
    this.validUntil = -Infinity;
    clearTimeout(this.expiry);
  }
}
