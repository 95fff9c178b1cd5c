import { services } from "../../app/packages/contract/services";
import type { ServiceContract } from "../../app/packages/contract/services";
import { deploymentName } from "../../config/names";
import { MINUTE_MS, SECOND_MS } from "../core/clock";
import type { Step } from "../core/command";
import { until } from "../core/until";
import type { Context } from "../core/context";
import { LeaseLost } from "../core/operation-lease";
import { messageOf } from "../core/outcome";
import { leaderFeed, LONGEST_LAG_SECONDS } from "../health/feed";
import type { Feed } from "../health/feed";
import { asking, signIn, validation } from "../smoke/trader";
import type { DrillLog } from "./log";

/** More than any target: what takes longer has failed. */
const RECOVERY_TIMEOUT_MS = 20 * MINUTE_MS;

/** The loss of all pods that traders' requests end in, and what becomes of a session that was open. */
export function applicationLoss(context: Context, log: DrillLog): Step {
  const { clock, platform } = context;
  return {
    name: "lose",
    description: "end every pod of user management and broker integration at once, and wait for others",
    run: async () => {
      const token = platform.forwards ? await openSession(context) : undefined;
      const pods = await lose(context, [services.userManagement, services.brokerIntegration]);
      await log.note("application", { recoveredAt: clock.now().toISOString(), lostMs: 0 });
      if (token === undefined) {
        await log.note("sessions", { remark: "no load balancer forwards to pods here" });
      } else await followSession(context, token, log);
      return pods;
    },
  };
}

/** The loss of the pods of market data, one of which holds the broker's feed. */
export function feedLoss(context: Context, log: DrillLog): Step {
  const { clock } = context;
  return {
    name: "lose",
    description: "end every pod of market data at once, and wait until ticks are stored again",
    run: async () => {
      const before = await leaderFeed(context);
      const beganAt = clock.now();
      const pods = await lose(context, [services.marketData]);
      if (before === undefined || !isFlowing(before)) {
        const why =
          before === undefined ? "no pod reports that it is the feed's leader" : "no ticks came before either";
        await log.note("market data", { remark: `pods only: ${why}` });
        return pods;
      }
      const what = "ticks to be stored again";
      await until(context, { what, timeoutMs: RECOVERY_TIMEOUT_MS, everyMs: SECOND_MS }, async () => {
        const feed = await leaderFeed(context);
        return feed !== undefined && isFlowing(feed) ? true : undefined;
      });
      // The broker sends no tick a second time: what came meanwhile is lost.
      await log.note("market data", { lostMs: clock.now().getTime() - beganAt.getTime() });
      return `${pods}; ticks are stored again`;
    },
  };
}

const isFlowing = ({ sessionOpen, ticks, lagSeconds }: Feed) =>
  sessionOpen && ticks > 0 && lagSeconds <= LONGEST_LAG_SECONDS;

async function lose(context: Context, lost: readonly ServiceContract[]): Promise<string> {
  const { cluster, release } = context.platform;
  const { live } = await release.read();
  const names = lost.map((service) => deploymentName(service, live));
  const old = (await Promise.all(names.map((name) => cluster.pods(name)))).flat().map(({ name }) => name);
  await Promise.all(old.map((name) => cluster.kill(name)));
  const what = `pods in the place of ${old.join(", ")}`;
  return until(context, { what, timeoutMs: RECOVERY_TIMEOUT_MS, everyMs: SECOND_MS }, async () => {
    const now = await Promise.all(
      names.map(async (name) => {
        const [pods, { wanted }] = await Promise.all([cluster.pods(name), cluster.workload(name)]);
        return { name, wanted, fresh: pods.filter((pod) => pod.ready && !old.includes(pod.name)).length };
      }),
    );
    const counts = now.map(({ name, fresh, wanted }) => `${name} ${fresh}/${wanted}`).join(", ");
    context.progress.note(counts);
    return now.every(({ fresh, wanted }) => fresh >= wanted) ? counts : undefined;
  });
}

async function openSession({ platform }: Context): Promise<string> {
  return signIn(asking(platform.visitor), await platform.smokeAccount.credentials());
}

/** Asks with the old session's token until it is taken, or refused for good. */
async function followSession(context: Context, token: string, log: DrillLog): Promise<void> {
  const { clock, platform } = context;
  const now = () => clock.now().toISOString();
  await log.note("sessions", { beganAt: now() });
  try {
    const what = "the session to be known again";
    await until(context, { what, timeoutMs: RECOVERY_TIMEOUT_MS, everyMs: SECOND_MS }, async () => {
      const { status } = await platform.visitor.call({ ...validation, token }).catch(() => ({ status: 0 }));
      if (status === 401) throw new Error("the session is not known any more: its trader has to sign in again");
      return status === 200 ? true : undefined;
    });
    await log.note("sessions", { recoveredAt: now(), lostMs: 0 });
  } catch (error) {
    if (error instanceof LeaseLost) throw error;
    await log.note("sessions", { failure: messageOf(error), failedAt: "follow" });
  }
}
