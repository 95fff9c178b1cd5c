import { MINUTE_MS, SECOND_MS } from "../core/clock";

interface Target {
  readonly component: string;
  /** Longest time until it serves again. */
  readonly rtoMs: number;
  /** Longest time of which what was written may be lost. */
  readonly rpoMs: number;
  /** In the guide's words. */
  readonly rto: string;
  readonly rpo: string;
}

/** What the setup guide promises of each component: its table "RTO and RPO Targets", row by row. */
export const targets = {
  database: {
    component: "Database",
    rtoMs: 15 * MINUTE_MS,
    rpoMs: MINUTE_MS,
    rto: "15 minutes",
    rpo: "1 minute (with streaming replication)",
  },
  application: {
    component: "Application Services",
    rtoMs: 5 * MINUTE_MS,
    rpoMs: 0,
    rto: "5 minutes",
    rpo: "Real-time (stateless)",
  },
  marketData: {
    component: "Market Data",
    rtoMs: 2 * MINUTE_MS,
    rpoMs: 30 * SECOND_MS,
    rto: "2 minutes",
    rpo: "30 seconds",
  },
  sessions: {
    component: "User Sessions",
    // As soon as the services are back: what one look takes.
    rtoMs: 5 * SECOND_MS,
    rpoMs: 5 * MINUTE_MS,
    rto: "Immediate",
    rpo: "5 minutes (Redis persistence)",
  },
} as const satisfies Record<string, Target>;

interface PartDescription {
  /** For the report. */
  readonly what: string;
  /** What of the guide's table it measures. @default it is needed for another part, and only timed */
  readonly target?: keyof typeof targets;
  /** Whether the guide's RPO is meant for this way of recovering. @default true */
  readonly rpoCounts?: boolean;
}

/** What a drill does, in order. */
export const parts = {
  release: { what: "release of the live image to the idle colour" },
  rollback: { what: "roll-back to the colour before", target: "application" },
  application: { what: "loss of every pod of the application services", target: "application" },
  sessions: { what: "a session that was opened before that loss", target: "sessions" },
  "market data": { what: "loss of every pod of market data, and with them of the feed", target: "marketData" },
  "fail-over": { what: "fail-over to the standby", target: "database" },
  backup: { what: "dump of the database" },
  "time series fail-over": { what: "loss of the primary of the time series", target: "database" },
  // The guide's minute is that of replication. A dump holds what there was when it was taken.
  restore: { what: "restore of that dump into a copy", target: "database", rpoCounts: false },
  // What was archived a minute before has to be in it: how much that was, the log tells.
  "time series restore": { what: "restore of the time series into a copy", target: "database", rpoCounts: false },
} as const satisfies Record<string, PartDescription>;

export type PartName = keyof typeof parts;
export const partNames = Object.keys(parts) as readonly PartName[];
export const partOf = (name: PartName): PartDescription => parts[name];
