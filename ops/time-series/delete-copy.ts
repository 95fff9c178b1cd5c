import { TIME_SERIES } from "../../config/names";
import type { Step } from "../core/command";
import type { Context } from "../core/context";
import { refused } from "../core/outcome";
import { CLUSTER_NAME, SCRATCH } from "./copy";
import { requireServer } from "./require-server";
import { deleted } from "./wait";

export interface Deletion {
  readonly cluster: string;
  /** By which its backups are found in the bucket; undefined where it archived nothing. */
  readonly server?: string;
}

/** @throws OperationError with `refused` for what is live, or is to be by the environment's file */
export async function planDeletion(context: Context, cluster: string): Promise<Deletion> {
  const server = requireServer(context);
  if (!CLUSTER_NAME.test(cluster)) throw refused(`"${cluster}" is no Cluster's name`);
  const live = await server.live();
  if (cluster === live) throw refused(`${cluster} is live: switch to another first`);
  if (cluster === server.place.declared) {
    throw refused(
      `${cluster} is the live one by the environment's file: set timeSeries.cluster to "${live}", and deploy "trading" first`,
    );
  }
  if ((await server.remains(cluster)).length === 0) throw refused(`There is nothing of a Cluster ${cluster}`);
  const found = await server.find(cluster);
  // Volumes are known by the names of their claims, which others than a Cluster's may have, too.
  if (found === undefined && !cluster.startsWith(TIME_SERIES)) {
    throw refused(
      `There is no Cluster ${cluster}, only volumes of that name, which may be another's: look at them by hand`,
    );
  }
  const archived = found === undefined ? !cluster.startsWith(SCRATCH) : found.archives;
  return { cluster, ...(archived ? { server: found?.serverName ?? cluster } : {}) };
}

export function deletionSteps({ cluster }: Deletion, context: Context): readonly Step[] {
  return [
    {
      name: "delete",
      description: `delete ${cluster}, with its schedule and its volumes`,
      run: () => deleted(context, cluster).then(() => undefined),
      final: true,
    },
  ];
}
