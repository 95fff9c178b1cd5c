import { serviceKeys, services } from "../../app/packages/contract/services";
import type { ServiceKey } from "../../app/packages/contract/services";
import type { Colour } from "../../config/schema/release-state";
import { deploymentName } from "../../config/names";
import { MINUTE_MS } from "../core/clock";
import { until } from "../core/until";
import type { Context } from "../core/context";

type PerService<T> = Readonly<Record<ServiceKey, T>>;

/** More than a Deployment's own deadline, after which Kubernetes says that it does not get on. */
const ROLLOUT_TIMEOUT_MS = 15 * MINUTE_MS;

/** Two good probes ten seconds apart, with time for pods to be registered. */
const TARGETS_TIMEOUT_MS = 5 * MINUTE_MS;

/** Time that an API server may be away before a step gives up. */
const RETRY_MS = 2 * MINUTE_MS;

/** Gives each service's Deployment of a colour its pods, and an image where one is given. */
export async function scale(context: Context, colour: Colour, replicas: PerService<number>, image?: string) {
  await eachService(context, colour, (key, name) =>
    context.platform.cluster.change(name, { replicas: replicas[key], image }),
  );
}

/** Takes a colour's pods away, and puts images back where they are given. */
export async function scaleToZero(context: Context, colour: Colour, images?: PerService<string>): Promise<void> {
  await eachService(context, colour, (key, name) =>
    context.platform.cluster.change(name, { replicas: 0, image: images?.[key] }),
  );
}

/** Does something to every service's Deployment of a colour, again while the API server does not answer. */
export async function eachService(
  context: Context,
  colour: Colour,
  work: (key: ServiceKey, deployment: string) => Promise<void>,
): Promise<void> {
  await until(context, { what: `the Deployments of ${colour} to be changed`, timeoutMs: RETRY_MS }, async () => {
    await Promise.all(serviceKeys.map((key) => work(key, deploymentName(services[key], colour))));
    return true;
  });
}

/** Waits until every pod of a colour runs the newest template and is ready. @throws Error when one never will */
export async function settled(context: Context, colour: Colour): Promise<string> {
  const { platform, progress } = context;
  return until(context, { what: `the pods of ${colour}`, timeoutMs: ROLLOUT_TIMEOUT_MS }, async () => {
    const names = serviceKeys.map((key) => deploymentName(services[key], colour));
    const all = await Promise.all(names.map(async (name) => ({ name, ...(await platform.cluster.workload(name)) })));
    const failing = all.filter(({ trouble }) => trouble !== undefined);
    if (failing.length > 0) {
      throw new Error(failing.map(({ name, trouble = "" }) => `${name} does not get on: ${trouble}`).join("; "));
    }
    const counts = all.map(({ name, ready, wanted }) => `${name} ${ready}/${wanted}`).join(", ");
    progress.note(counts);
    return all.every((one) => one.settled) ? counts : undefined;
  });
}

/** Waits until the load balancer finds as many healthy targets as there are pods. */
export async function targetsHealthy(context: Context, colour: Colour, replicas: PerService<number>): Promise<string> {
  const { platform, progress } = context;
  if (!platform.forwards) return "skipped: no load balancer forwards here";
  return until(context, { what: `healthy targets of ${colour}`, timeoutMs: TARGETS_TIMEOUT_MS }, async () => {
    const health = await platform.targetGroups.health(colour);
    const lines = health.map(({ service, healthy, reasons }) => {
      return `${service} ${healthy}/${replicas[service]}${reasons.length === 0 ? "" : ` (${reasons.join("; ")})`}`;
    });
    progress.note(lines.join(", "));
    return health.every(({ service, healthy }) => healthy >= replicas[service]) ? lines.join(", ") : undefined;
  });
}
