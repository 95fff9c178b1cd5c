import { serviceKeys, services } from "../../app/packages/contract/services";
import type { ServiceKey } from "../../app/packages/contract/services";
import type { Colour, ReleaseState } from "../../config/schema/release-state";
import { CONTENT_TAG, contentTag } from "../../lib/content-hash";
import { autoscalerName, BOOTSTRAP_JOB, deploymentName } from "../../config/names";
import type { Clock } from "../core/clock";
import type { Context } from "../core/context";
import { refused } from "../core/outcome";
import { ReleaseHistory } from "./history";
import { migrationProblems, migrationsFolder, migrationsIn } from "./migrations";
import type { Migration } from "./migrations";

export interface ReleaseOptions {
  /** Percent of requests that the new colour gets, move by move; the last is 100. */
  readonly weights: readonly number[];
  /** Minutes that the figures are watched after each move. */
  readonly soak: number;
  /** Most requests in a hundred that may end with 500 or above. */
  readonly maxErrors: number;
  /** Highest 99th percentile of the time to answer, milliseconds. */
  readonly maxLatency: number;
  /** Leaves the pods of the colour before standing, for a roll-back at once. */
  readonly keepPrevious: boolean;
}

/** Everything that a release decides before it begins. */
export interface ReleasePlan extends ReleaseOptions {
  readonly image: string;
  readonly from: Colour;
  readonly to: Colour;
  /** The release parameter as it was. */
  readonly before: ReleaseState;
  /** Image that the live colour really runs: also where none was ever released. */
  readonly liveImage: string;
  /** Images of the idle Deployments, to be put back. */
  readonly idleImages: Readonly<Record<ServiceKey, string>>;
  /** Pods that the live colour has, service by service. */
  readonly replicas: Readonly<Record<ServiceKey, number>>;
  /** Migrations that the image brings. */
  readonly migrations: readonly Migration[];
  /** Name of the Job that prepares the database. */
  readonly job: string;
}

export const otherColour = (colour: Colour): Colour => (colour === "blue" ? "green" : "blue");

/**
 * @param again whether it may be the image that is live
 * @throws OperationError with `refused` when the image may not be released
 */
export async function planRelease(
  context: Context,
  image: string,
  options: ReleaseOptions,
  again = false,
): Promise<ReleasePlan> {
  const { platform, clock } = context;
  const migrations = await migrationsFor(context, image);
  const before = await platform.release.read();
  const from = before.live;
  const to = otherColour(from);
  if (before.weights[from] !== 100) {
    throw refused(
      `${to} gets ${before.weights[to]} % of the requests while ${from} is live, and no operation is under way: ` +
        "put the release parameter and the listener's weights in order first; see `status`",
    );
  }
  const live = await workloads(context, from);
  if (!again && before.images[from] === image && live.every(([, { image: running }]) => running === image)) {
    throw refused(`${image} is live already`);
  }
  return {
    ...options,
    image,
    from,
    to,
    before,
    liveImage: live[0]?.[1].image ?? "",
    idleImages: await imagesOf(context, to),
    replicas: await replicasOf(context, from),
    migrations,
    job: bootstrapJobName(clock),
  };
}

/** Names a run of the bootstrap by the second in which it was planned. */
export const bootstrapJobName = (clock: Pick<Clock, "now">) =>
  `${BOOTSTRAP_JOB}-${clock.now().toISOString().replaceAll(/\D/g, "").slice(0, 14)}`;

/** Images that the Deployments of a colour really have, also where none was ever released. */
export async function imagesOf(context: Context, colour: Colour): Promise<Readonly<Record<ServiceKey, string>>> {
  return record((await workloads(context, colour)).map(([key, { image }]) => [key, image] as const));
}

function workloads({ platform }: Context, colour: Colour) {
  return Promise.all(
    serviceKeys.map(
      async (key) => [key, await platform.cluster.workload(deploymentName(services[key], colour))] as const,
    ),
  );
}

/** As many as the live colour has now: what its autoscaler wants, or what is declared. */
export async function replicasOf(context: Context, colour: Colour): Promise<Readonly<Record<ServiceKey, number>>> {
  const { cluster } = context.platform;
  const counted = serviceKeys.map(async (key) => {
    const [{ wanted }, autoscaler] = await Promise.all([
      cluster.workload(deploymentName(services[key], colour)),
      cluster.autoscaler(autoscalerName(services[key], colour)),
    ]);
    return [key, Math.max(wanted, autoscaler?.current ?? 0, autoscaler?.min ?? 1)] as const;
  });
  return record(await Promise.all(counted));
}

const record = <T>(entries: readonly (readonly [ServiceKey, T])[]) =>
  Object.fromEntries(entries) as Readonly<Record<ServiceKey, T>>;

/**
 * Migrations of an image that may run while the version before it is still there.
 *
 * @throws OperationError with `refused` for an image that is not in the registry, or needs more than the database to grow
 */
export async function migrationsFor(context: Context, image: string): Promise<readonly Migration[]> {
  const tags = await context.platform.registry.require(image);
  const migrations = await migrationsOf(context, image, tags);
  await requireExpandOnly(context, migrations);
  return migrations;
}

/** Those that were on record when the image was released before; else those of these sources, which must be its own. */
async function migrationsOf(context: Context, image: string, tags: readonly string[]): Promise<readonly Migration[]> {
  const known = await new ReleaseHistory(context.records).image(image);
  if (known !== undefined) return known.migrations;
  const built = tags.filter((tag) => tag.startsWith(CONTENT_TAG));
  const ours = contentTag(context.root);
  if (built.length > 0 && !built.includes(ours)) {
    throw refused(
      `${image} was built from other sources (${built.join(", ")}) than these (${ours}), and its migrations are not ` +
        "known: check its version out and release it from there",
    );
  }
  return migrationsIn(migrationsFolder(context.root));
}

async function requireExpandOnly({ records, root }: Context, wanted: readonly Migration[]): Promise<void> {
  const problems = migrationProblems(await new ReleaseHistory(records).database(), wanted, migrationsFolder(root));
  if (problems.length === 0) return;
  throw refused(
    "The version that is live goes on serving while the database is prepared, and could not with these migrations:\n" +
      problems.map((problem) => `  ${problem}`).join("\n") +
      "\nAdd the new form in this release, and take the old one away in a later one",
  );
}
