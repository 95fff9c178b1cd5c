import { serviceKeys, services } from "../../app/packages/contract/services";
import { deploymentName } from "../../config/names";
import type { Context } from "../core/context";
import { messageOf } from "../core/outcome";
import { leaderFeed, LONGEST_LAG_SECONDS } from "./feed";
import { timeSeriesHealth } from "./time-series";

export interface Finding {
  readonly check: string;
  readonly healthy: boolean;
  readonly detail: string;
}

type Check = (context: Context) => Promise<readonly Omit<Finding, "check">[]>;

/** ACM renews sixty days ahead: closer than this, something is in its way. */
const CERTIFICATE_DAYS = 14;
const DAY_MS = 24 * 3600 * 1000;

/** The checks, in the order in which they are shown. */
const checks: Readonly<Record<string, Check>> = {
  services: async ({ platform }) => {
    const { live } = await platform.release.read();
    const names = serviceKeys.map((key) => deploymentName(services[key], live));
    return Promise.all(
      names.map(async (name) => {
        const { ready, wanted } = await platform.cluster.workload(name);
        return { healthy: wanted > 0 && ready >= wanted, detail: `${name}: ${ready} of ${wanted} pods ready` };
      }),
    );
  },
  "target groups": async ({ platform }) => {
    if (!platform.forwards) return [{ healthy: true, detail: "not looked at: no load balancer forwards here" }];
    const { live } = await platform.release.read();
    const health = await platform.targetGroups.health(live);
    return health.map(({ service, healthy, registered, reasons }) => ({
      healthy: healthy > 0 && healthy === registered,
      detail: [`${service}: ${healthy} of ${registered} targets healthy`, ...reasons].join("; "),
    }));
  },
  database: async ({ platform }) => [available(await platform.condition.database())],
  "time series": timeSeriesHealth,
  cache: async ({ platform }) => [available(await platform.condition.cache())],
  feed: async (context) => {
    const feed = await leaderFeed(context);
    if (feed === undefined)
      return [{ healthy: false, detail: "no pod of market data reports that it is the feed's leader" }];
    const { by, lagSeconds } = feed;
    const detail = `the newest tick was stored ${lagSeconds} s after it happened, says ${by}`;
    return [{ healthy: lagSeconds <= LONGEST_LAG_SECONDS, detail }];
  },
  certificates: async ({ platform, clock }) => {
    const certificate = await platform.condition.certificate();
    if (certificate === undefined) return [{ healthy: false, detail: "there is none for the API's host" }];
    if (!certificate.issued) return [{ healthy: false, detail: "it is not issued" }];
    const { expires } = certificate;
    if (expires === undefined) return [{ healthy: true, detail: "issued" }];
    const days = Math.floor((expires.getTime() - clock.now().getTime()) / DAY_MS);
    return [{ healthy: days > CERTIFICATE_DAYS, detail: `valid for ${days} days more` }];
  },
  alarms: async ({ platform }) => {
    const ringing = await platform.condition.alarms();
    if (ringing.length === 0) return [{ healthy: true, detail: "none rings" }];
    return ringing.map((name) => ({ healthy: false, detail: `${name} rings` }));
  },
};

/** Looks at everything side by side. What cannot be looked at is not healthy, and says why. */
export async function examine(context: Context): Promise<readonly Finding[]> {
  const looked = Object.entries(checks).map(async ([check, look]) => {
    const findings = await look(context).catch((error: unknown) => [{ healthy: false, detail: messageOf(error) }]);
    return findings.map((finding) => ({ check, ...finding }));
  });
  return (await Promise.all(looked)).flat();
}

const available = (status: string) => ({ healthy: status === "available", detail: status });
