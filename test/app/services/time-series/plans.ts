import type { Pool, PoolClient } from "pg";
import { asSuperuser } from "../../support/postgres";
import type { TestDatabase } from "../../support/postgres";

interface PlanNode {
  readonly "Node Type": string;
  readonly "Relation Name"?: string;
  /** Partitions that were planned, and left out when the plan began. */
  readonly "Subplans Removed"?: number;
  readonly "Chunks excluded during startup"?: number;
  readonly Plans?: readonly PlanNode[];
}

interface Explained {
  readonly "Query Text": string;
  readonly Plan: PlanNode;
  readonly JIT?: object;
}

/**
 * Has each new connection of the database report the plan of every statement that it runs, as PostgreSQL's auto_explain sees
 * it: with the parameters, under the name and with the kind of plan that the application's own connection uses.
 */
export async function explainEverything(database: TestDatabase): Promise<void> {
  const settings = {
    session_preload_libraries: "auto_explain",
    "auto_explain.log_min_duration": "0",
    "auto_explain.log_format": "json",
    "auto_explain.log_level": "notice",
  };
  const { name } = database.config;
  const statements = Object.entries(settings).map(
    ([setting, value]) => `ALTER DATABASE ${name} SET ${setting} = '${value}'`,
  );
  await asSuperuser(database, statements.join(";"));
}

/** What the connections of pools sent, and how the server carried it out. */
export class Plans {
  /** Texts of statements on ticks. */
  readonly texts = new Set<string>();
  /** Since the last `take`. */
  private explained: Explained[] = [];

  watch(pool: Pool): void {
    pool.on("connect", (client) => {
      client.on("notice", ({ message = "" }) => {
        const [, json] = /^duration: [\d.]+ ms {2}plan:\s+([^]*)$/.exec(message) ?? [];
        if (json === undefined) return;
        const explained = JSON.parse(json) as Explained;
        if (explained["Query Text"].includes("market_ticks")) this.explained.push(explained);
      });
      this.listen(client);
    });
  }

  /**
   * The partitions in the plans since the last call, how many more were planned, whether a plan goes through all candles, and whether
   * one was compiled.
   */
  take(): {
    readonly partitions: readonly string[];
    readonly removed: number;
    readonly allCandles: boolean;
    readonly compiled: boolean;
  } {
    const nodes = this.explained.flatMap(({ Plan }) => nodesOf(Plan));
    const allCandles = nodes.some((node) => node["Node Type"] === "Seq Scan" && node["Relation Name"] === "candles");
    const compiled = this.explained.some(({ JIT }) => JIT !== undefined);
    this.explained = [];
    const names = nodes.map((node) => node["Relation Name"] ?? "").filter((name) => partitionName.test(name));
    const removed = nodes.map(
      (node) => (node["Subplans Removed"] ?? 0) + (node["Chunks excluded during startup"] ?? 0),
    );
    const more = removed.reduce((sum, count) => sum + count, 0);
    return { partitions: [...new Set(names)], removed: more, allCandles, compiled };
  }

  private listen(client: PoolClient): void {
    const query = client.query.bind(client) as (...given: readonly unknown[]) => unknown;
    const listening = (...given: readonly unknown[]) => {
      const [first] = given;
      const text = typeof first === "string" ? first : (first as { readonly text?: string }).text;
      if (text?.includes("market_ticks")) this.texts.add(text);
      return query(...given);
    };
    client.query = listening as PoolClient["query"];
  }
}

const partitionName = /^(market_ticks_|_hyper_\d+_\d+_chunk$)/;

/** What is never executed is in it as well: it was planned and locked, and may have been compiled. */
const nodesOf = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)];

/** A part of market_ticks, and the time that its ticks are of. */
export interface Partition {
  readonly name: string;
  readonly fromMs: number;
  readonly untilMs: number;
}

const dayMs = 86_400_000;

/** Partitions of a day, by their names; the default one holds all that is after the others. */
export async function partitionsByDay(database: TestDatabase): Promise<Partition[]> {
  const rows = await database.query<{ name: string }>(
    "SELECT relname AS name FROM pg_inherits JOIN pg_class ON oid = inhrelid WHERE inhparent = 'market_ticks'::regclass",
  );
  const days = rows.flatMap(({ name }) => {
    const [, year, month, day] = /_p(\d{4})(\d\d)(\d\d)$/.exec(name) ?? [];
    const fromMs = Date.UTC(Number(year), Number(month) - 1, Number(day));
    return Number.isNaN(fromMs) ? [] : [{ name, fromMs, untilMs: fromMs + dayMs }];
  });
  const lastMs = Math.max(...days.map(({ untilMs }) => untilMs));
  return [...days, { name: "market_ticks_default", fromMs: lastMs, untilMs: Infinity }];
}

export async function chunks(database: TestDatabase): Promise<Partition[]> {
  const rows = await database.query<{ name: string; range_start: Date; range_end: Date }>(
    "SELECT chunk_name AS name, range_start, range_end FROM timescaledb_information.chunks",
  );
  return rows.map(({ name, range_start, range_end }) => ({
    name,
    fromMs: range_start.getTime(),
    untilMs: range_end.getTime(),
  }));
}

/** Names of the partitions that may hold ticks of [from, until). */
export const partitionsWithin = (partitions: readonly Partition[], fromMs: number, untilMs: number) =>
  partitions
    .filter((partition) => partition.fromMs < untilMs && partition.untilMs > fromMs)
    .map(({ name }) => name)
    .sort();
