import type { SeriesLook } from "../../app/packages/contract/time-series";

/** What one server has and the other does not, by the times of rows; nothing where it is no newer. */
export function newerIn(one: SeriesLook, other: SeriesLook): readonly string[] {
  return [...newer("tick", one.newestTick, other.newestTick), ...newer("candle", one.newestCandle, other.newestCandle)];
}

function newer(what: string, mine: string | undefined, theirs: string | undefined): readonly string[] {
  if (mine === undefined || (theirs !== undefined && mine <= theirs)) return [];
  return [`its newest ${what} is of ${mine}, against ${theirs ?? "none"}`];
}

const DAY_MS = 24 * 3600 * 1000;

/**
 * What a copy of the newest moment lacks, or has too much of: it was made between two looks at its original, which gets
 * more rows and no fewer.
 */
export function differences(before: SeriesLook, copy: SeriesLook, after: SeriesLook): readonly string[] {
  const [migrations, version] = [copy.migrations.join(), copy.timescaledb?.version];
  const isOne = (mine: unknown, theirs: readonly unknown[]) => theirs.includes(mine);
  const intervals = [...new Set([...Object.keys(before.candles), ...Object.keys(copy.candles)])].sort();
  return [
    ...copy.problems,
    ...(isOne(migrations, [before.migrations.join(), after.migrations.join()]) ? [] : ["its migrations are others"]),
    ...(isOne(version, [before.timescaledb?.version, after.timescaledb?.version])
      ? []
      : [`it has TimescaleDB ${version ?? "not at all"}; expected ${after.timescaledb?.version ?? "none"}`]),
    ...oldest(copy, after),
    ...newerIn(before, copy).map((line) => `the original was newer when it was made: ${line}`),
    ...between("ticks of the week", before.ticks, copy.ticks, after.ticks),
    ...intervals.flatMap((interval) =>
      between(
        `candles of ${interval} of the week`,
        before.candles[interval] ?? 0,
        copy.candles[interval] ?? 0,
        after.candles[interval] ?? 0,
      ),
    ),
  ];
}

/** The copy's own retention may have come first, by less than a day. */
function oldest({ timescaledb: mine }: SeriesLook, { timescaledb: theirs }: SeriesLook): readonly string[] {
  if (theirs?.oldestChunk === undefined) return [];
  const latest = Date.parse(theirs.oldestChunk) + DAY_MS;
  if (mine?.oldestChunk !== undefined && Date.parse(mine.oldestChunk) <= latest) return [];
  return [`its oldest chunk begins at ${mine?.oldestChunk ?? "no time"}; the original's at ${theirs.oldestChunk}`];
}

function between(what: string, fewest: number, found: number, most: number): readonly string[] {
  if (found < fewest) return [`it has ${found} ${what}; the original had ${fewest} before it was made`];
  return found > most ? [`it has ${found} ${what}; the original has ${most}`] : [];
}
