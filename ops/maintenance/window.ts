import type { Colour } from "../../config/schema/release-state";
import { SECOND_MS } from "../core/clock";
import type { Step } from "../core/command";
import type { Context } from "../core/context";
import { messageOf } from "../core/outcome";
import { healthy } from "../release/healthy";

/**
 * Work with the platform closed to traders: the page on, connections drained, the work, a look whether all is well, the
 * page off. When the work fails, it is taken back and the page goes off as well if the platform is healthy; if it is
 * not, the page stays and the operators are woken.
 *
 * @param name of the operation, for the alarm and for the rule's tag
 */
export function maintenanceSteps(name: string, live: Colour, work: readonly Step[], context: Context): readonly Step[] {
  const { environment, platform, pause } = context;
  const { monitor: _, ...hosts } = environment.edge.hosts;
  const { drainSeconds } = environment.edge;
  return [
    {
      name: "page on",
      description: "answer 503 with the maintenance page to traders",
      run: () => platform.loadBalancer.closeToTraders(Object.values(hosts), name).then(() => undefined),
      undo: () => reopen(name, live, context),
    },
    {
      name: "drain",
      description: `let open requests end for ${drainSeconds} s`,
      run: () => pause(drainSeconds * SECOND_MS).then(() => undefined),
    },
    ...work,
    { name: "health", description: "see that the platform is healthy", run: () => healthy(context, live) },
    {
      name: "page off",
      description: "let traders in again",
      run: () => platform.loadBalancer.reopenToTraders().then(() => undefined),
      final: true,
    },
  ];
}

async function reopen(name: string, live: Colour, context: Context): Promise<void> {
  const { platform, environment } = context;
  try {
    await healthy(context, live);
  } catch (error) {
    const trouble = `The maintenance page of ${environment.name} stays on: ${messageOf(error)}`;
    await platform.alarm.raise(
      `${environment.name}: ${name} failed`,
      `${trouble}\n\nMend it and run the same command, or \`operation resume\`: the page goes off once all is well.`,
    );
    throw new Error(trouble, { cause: error });
  }
  await platform.loadBalancer.reopenToTraders();
}
