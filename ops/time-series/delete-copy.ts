import type { Step } from "../core/command";
import type { Context } from "../core/context";
import { refused } from "../core/outcome";
import { requireServer } from "./require-server";
import { deleted } from "./wait";

export interface Deletion {
  readonly cluster: string;
}

/** @throws OperationError with `refused` for what is live, or is to be by the environment's file */
export async function planDeletion(context: Context, cluster: string): Promise<Deletion> {
  const server = requireServer(context);
  const live = await server.live();
  if (cluster === live) throw refused(`${cluster} is live: switch to another first`);
  if (cluster === server.place.declared) {
    throw refused(
      `${cluster} is the live one by the environment's file: set timeSeries.cluster to "${live}", and deploy "trading" first`,
    );
  }
  if ((await server.remains(cluster)).length === 0) throw refused(`There is nothing of a Cluster ${cluster}`);
  return { cluster };
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
