import type { Colour } from "../../config/schema/release-state";
import { MINUTE_MS } from "../core/clock";
import type { Step } from "../core/command";
import { until } from "../core/until";
import type { Context } from "../core/context";
import { refused } from "../core/outcome";
import { eachService, settled } from "../release/pods";

export interface PatchPlan {
  readonly live: Colour;
  readonly nodeGroups: readonly string[];
  /** Makes a second start ask for the same updates. */
  readonly token: string;
}

/** A group of ten machines, each drained and replaced. */
const NODES_TIMEOUT_MS = 90 * MINUTE_MS;

export async function planPatch({ platform, clock, environment }: Context): Promise<PatchPlan> {
  const nodeGroups = await platform.nodeGroups.names();
  if (nodeGroups.length === 0) {
    throw refused(`The cluster ${environment.cluster.name} has no node groups: deploy the stack "cluster" first`);
  }
  const { live } = await platform.release.read();
  return { live, nodeGroups, token: `patch-${clock.now().getTime()}` };
}

/** Brings the machines to the newest image of their version, group by group, and has every pod start afresh. */
export function patchSteps({ live, nodeGroups, token }: PatchPlan, context: Context): Step[] {
  const { platform } = context;
  return [
    ...nodeGroups.map((nodeGroup): Step => ({
      name: `nodes ${nodeGroup}`,
      description: `replace the machines of ${nodeGroup} by patched ones`,
      run: async () => {
        const update = await platform.nodeGroups.patch(nodeGroup, token);
        const what = `the machines of ${nodeGroup}`;
        await until(context, { what, timeoutMs: NODES_TIMEOUT_MS, everyMs: 20_000 }, async () =>
          (await platform.nodeGroups.isOver(update)) ? true : undefined,
        );
        return undefined;
      },
    })),
    {
      name: "restart",
      description: `replace the pods of ${live}, a few at a time`,
      run: async () => {
        await eachService(context, live, (_, name) => platform.cluster.restart(name, token));
        return settled(context, live);
      },
    },
  ];
}
