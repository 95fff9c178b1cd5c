import type { SeriesLook } from "../../app/packages/contract/time-series";
import { seriesLookSchema } from "../../app/packages/contract/time-series";
import { timeSeriesHost } from "../../config/names";
import type { Context } from "../core/context";
import { runOnce } from "../trading/run-once";
import { requireServer } from "./require-server";

/**
 * What a cluster holds. The live one is reached by its name; another by that name too, which its certificate has, at an
 * address that only the Job finds under it.
 *
 * @param until time up to which rows are counted: the same for looks that are compared
 */
export async function lookAt(context: Context, cluster: string, until = context.clock.now()): Promise<SeriesLook> {
  const hosts = await hostsOf(context, cluster);
  const answer = await runOnce(context, { command: "inspect-time-series", args: [until.toISOString()], hosts });
  return seriesLookSchema.parse(answer);
}

/** Has a Job reach a cluster under the server's name, whichever cluster is live. */
export async function hostsOf(context: Context, cluster: string): Promise<Readonly<Record<string, string>>> {
  const server = requireServer(context);
  return { [timeSeriesHost(server.place.namespace)]: await server.address(cluster) };
}
