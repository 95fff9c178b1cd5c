import { MINUTE_MS } from "../core/clock";
import type { Step } from "../core/command";
import { until } from "../core/until";
import type { Context } from "../core/context";
import { inspect } from "../recovery/inspect";
import { newerIn } from "../recovery/restore-dump";
import type { DrillLog } from "./log";

export interface FailOverPlan {
  readonly instance: string;
  /** Availability zone that the database is in before. */
  readonly zone: string;
}

const FAIL_OVER_TIMEOUT_MS = 20 * MINUTE_MS;

/** @returns why there is nothing to fail over to, or what there is */
export async function planFailOver({ environment, platform }: Context): Promise<FailOverPlan | string> {
  if (environment.aws.emulator !== undefined) return "no server stands behind the emulator's database";
  const instance = environment.database.identifier;
  const { MultiAZ = false, AvailabilityZone: zone } = (await platform.instances.find(instance)) ?? {};
  if (!MultiAZ || zone === undefined) return `${instance} has no standby`;
  return { instance, zone };
}

export function failOverSteps({ instance, zone }: FailOverPlan, context: Context, log: DrillLog): readonly Step[] {
  const { instances } = context.platform;
  return [
    {
      name: "change over",
      description: `let the standby of ${instance} take over from ${zone}`,
      run: async () => {
        const before = await inspect(context, context.environment.database.name);
        const what = `the standby of ${instance}`;
        // RDS reports the new zone late: a second fail-over would go back again.
        let asked = false;
        const now = await until(context, { what, timeoutMs: FAIL_OVER_TIMEOUT_MS }, async () => {
          const found = await instances.find(instance);
          context.progress.note(`${found?.DBInstanceStatus ?? "not there"} in ${found?.AvailabilityZone ?? "no zone"}`);
          if (found?.DBInstanceStatus !== "available") return undefined;
          if (found.AvailabilityZone !== zone) return found.AvailabilityZone;
          if (!asked) await instances.failOver(instance);
          asked = true;
          return undefined;
        });
        const after = await inspect(context, context.environment.database.name);
        const lost =
          before.contents === undefined || after.contents === undefined ? [] : newerIn(before.contents, after.contents);
        if (lost.length > 0) throw new Error(`the standby had not everything: ${lost.join("; ")}`);
        await log.note("fail-over", { lostMs: 0 });
        return `in ${now}, with every row`;
      },
    },
  ];
}
