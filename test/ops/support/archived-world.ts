import { TIME_SERIES } from "../../../config/names";
import { MemoryObjects } from "./memory-objects";
import { bringUp, holdings } from "./time-series";
import { TimeSeriesWorld } from "./time-series-world";

const HOUR_MS = 3_600_000;

/** When the newest tick of each hour came. */
export const [old, recent, newest] = [
  "2026-11-28T09:59:00.000Z",
  "2026-11-28T10:59:00.000Z",
  "2026-11-28T11:59:00.000Z",
] as const;

/**
 * A server with a backup of ten o'clock, log up to eleven, and an hour that is in no archive.
 *
 * @param log what a Job's pod has written
 */
export async function archivedWorld(log = () => "") {
  const objects: MemoryObjects = new MemoryObjects(() => world.now());
  const world: TimeSeriesWorld = new TimeSeriesWorld(objects, { cluster: { log: () => Promise.resolve(log()) } });
  await bringUp(objects, world.operator, holdings(old));
  world.pass(HOUR_MS);
  world.operator.holds[TIME_SERIES] = holdings(recent, 2_000);
  world.operator.archiveNow(TIME_SERIES);
  world.pass(HOUR_MS);
  return { world, objects };
}
