import type { Records } from "../../../ops/core/records";
import type { Platform } from "../../../ops/platform";

/** What changes something, by the part of the platform that it belongs to. */
const effects: Readonly<Partial<Record<keyof Platform, readonly string[]>>> = {
  release: ["write"],
  loadBalancer: ["setWeights", "closeToTraders", "reopenToTraders"],
  cluster: ["change", "startJob", "restart", "setAutoscalerMinimum", "kill"],
  nodeGroups: ["patch"],
  alarm: ["raise"],
  databaseJobs: ["run"],
  secrets: ["propose", "enforce"],
  cacheUser: ["accept"],
  timeSeries: ["beginBackup", "copy", "delete", "deleteBackup", "enlarge", "fence", "lead", "moveSchedule"],
  instances: ["takeSnapshot", "deleteSnapshot", "restore", "delete", "rename", "finishSettings", "failOver"],
};

/** Called with the name of the change that was made. The run goes on when it is over: never, where it is killed. */
type Failpoint = (change: string) => unknown;

interface Backends {
  readonly platform: Platform;
  readonly records: Records;
}

/** The same platform and records; each change calls the failpoint right after it was made. */
export function withFailpoints({ platform, records }: Backends, failpoint: Failpoint): Backends {
  const parts = Object.entries(effects).flatMap(([part, methods]) => {
    const whole = platform[part as keyof Platform] as object | undefined;
    return whole === undefined ? [] : [[part, reporting(whole, part, methods, failpoint)] as const];
  });
  return {
    platform: { ...platform, ...(Object.fromEntries(parts) as Partial<Platform>) },
    records: reporting(records, "records", ["write"], failpoint),
  };
}

function reporting<T extends object>(target: T, name: string, methods: readonly string[], failpoint: Failpoint): T {
  return new Proxy(target, {
    get: (inner, property, receiver) => {
      const found: unknown = Reflect.get(inner, property, receiver);
      if (typeof found !== "function") return found;
      const method = found as (...args: unknown[]) => unknown;
      if (!methods.includes(String(property))) return method.bind(inner);
      return async (...args: unknown[]) => {
        const result = await method.apply(inner, args);
        await failpoint(`${name}.${String(property)} ${typeof args[0] === "string" ? args[0] : ""}`.trim());
        return result;
      };
    },
  });
}
