import { later } from "../core/clock";
import type { Context } from "../core/context";
import { lastDrift } from "../pipeline/report/drift-record";

const HOUR_MS = 3_600_000;

/** The pipeline looks every night: older than this, a look was left out. */
const STALE_MS = 36 * HOUR_MS;

/** What the last look for drift found, as a line; amiss where something differs from what is declared. */
export async function driftSeen({
  records,
  clock,
}: Pick<Context, "records"> & { readonly clock: Pick<Context["clock"], "now"> }): Promise<{
  readonly is: string;
  readonly amiss: boolean;
}> {
  const record = await lastDrift(records);
  if (record === undefined) return { is: "never looked for; see docs/delivery.md", amiss: false };
  const { lookedAt, commit, stacks } = record;
  const different = stacks.filter(({ is }) => is !== "as declared");
  const found =
    different.length === 0
      ? `none in ${stacks.length} stacks`
      : different
          .map(({ stack, is }) => `${stack} ${is === "unknown" ? "could not be compared" : `is ${is}`}`)
          .join("; ");
  const when = `on ${lookedAt}, against ${commit.slice(0, 7)}`;
  const stale = later(new Date(lookedAt), STALE_MS) < clock.now();
  return {
    is: stale ? `not looked for since; found ${when}: ${found}` : `${found} (${when})`,
    amiss: different.length > 0,
  };
}
