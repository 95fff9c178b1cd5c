import { randomBytes, randomUUID } from "node:crypto";
import { serviceKeys, services } from "../../app/packages/contract/services";
import type { ServiceKey } from "../../app/packages/contract/services";
import type { Colour } from "../../config/schema/release-state";
import { deploymentName } from "../../config/names";
import { copyNames, secretSettings } from "../../config/secret-settings";
import type { Reader, SecretVariable } from "../../config/secret-settings";
import { MINUTE_MS } from "../core/clock";
import type { Step } from "../core/command";
import { until } from "../core/until";
import type { Context } from "../core/context";
import { runBootstrap } from "../release/bootstrap";
import { settled } from "../release/pods";
import { stamp } from "../recovery/inspect";
import type { Fields } from "./secret-versions";

interface Rotation {
  /** Below the environment's prefix. */
  readonly path: string;
  /** Variable by which pods know the value. */
  readonly variable: SecretVariable;
  readonly next: (before: Fields) => Fields;
  /** What has to know the new value beside the pods. @default nothing */
  readonly known?: "database" | "cache";
  /** What people notice. */
  readonly effect: string;
}

/** Letters and digits, like what Terraform generates: they need no escaping anywhere. */
function random(length: number): string {
  const digits = randomBytes(length * 2).toString("base64");
  return digits.replaceAll(/[^A-Za-z0-9]/g, "").slice(0, length);
}

/** Ids of keys are counted; the new one comes first, and those before it stay to decrypt. */
function withNewKey(list: string): string {
  const ids = list.split(",").map((key) => Number(key.split(":")[0]));
  const id = Math.max(0, ...ids.filter(Number.isInteger)) + 1;
  return `${id}:${randomBytes(32).toString("base64")},${list}`;
}

/** What can be rotated, and how the previous value stays valid until no pod uses it. */
export const rotations = {
  jwt: {
    path: "jwt",
    variable: "JWT_SECRET",
    next: (before) => ({ ...before, secret: random(64), previous: before["secret"] ?? "" }),
    effect: "nothing: tokens that were signed before stay good until they end, after 15 minutes",
  },
  encryption: {
    path: "encryption",
    variable: "DATA_ENCRYPTION_KEYS",
    next: (before) => ({ ...before, encryptionKeys: withNewKey(before["encryptionKeys"] ?? "") }),
    effect: "nothing: what was encrypted stays readable with the keys before",
  },
  database: {
    path: "database/application",
    variable: "DB_PASSWORD",
    next: (before) => ({ ...before, password: random(48) }),
    known: "database",
    effect: "open connections stay; pods that have not started anew yet open no further ones for a few minutes",
  },
  cache: {
    path: "cache",
    variable: "REDIS_PASSWORD",
    next: (before) => ({ ...before, password: random(48) }),
    known: "cache",
    effect: "nothing: both passwords are good until every pod has the new one",
  },
} as const satisfies Record<string, Rotation>;

export type Rotatable = keyof typeof rotations;

export interface RotationPlan {
  readonly secret: Rotatable;
  /** Versions in Secrets Manager, which are no secret. */
  readonly before: string;
  readonly after: string;
  readonly live: Colour;
  readonly image: string;
  readonly id: string;
}

export async function planRotation(context: Context, secret: Rotatable): Promise<RotationPlan> {
  const { platform, clock } = context;
  const before = await platform.secrets.current(rotations[secret].path);
  const { live } = await platform.release.read();
  const { image } = await platform.cluster.workload(deploymentName(services.userManagement, live));
  return { secret, before, after: randomUUID(), live, image, id: stamp(clock.now()) };
}

/** External Secrets looks every five minutes. */
const COPY_TIMEOUT_MS = 8 * MINUTE_MS;

export function rotationSteps(plan: RotationPlan, context: Context): readonly Step[] {
  const { secret, before, after, live } = plan;
  const { path, variable, next, known }: Rotation = rotations[secret];
  const { secrets, cacheUser } = context.platform;
  const value = (version: string) => secrets.read(path, version);
  const password = async (version: string) => (await value(version))["password"] ?? "";
  const both = async () => cacheUser.accept(context, [await password(before), await password(after)]);
  const only = async (version: string) => cacheUser.accept(context, [await password(version)]);
  return [
    {
      name: "propose",
      description: `generate a new value of ${path}, not in force yet`,
      run: async () => {
        const now = await value(before);
        await secrets.propose(path, after, () => next(now));
        return undefined;
      },
    },
    ...when(known === "cache", {
      name: "accept both",
      description: "let the cache take the old password and the new one",
      run: () => both().then(() => undefined),
      undo: () => only(before),
    }),
    {
      name: "enforce",
      description: "put the new value in force",
      run: () => secrets.enforce(path, after).then(() => undefined),
      undo: () => secrets.enforce(path, before),
    },
    {
      name: "copy",
      description: "wait until the cluster has it",
      run: () => copied(context, path, variable, after),
    },
    ...when(known === "database", {
      name: "database",
      description: "give the database's user the new password",
      run: () => runBootstrap(context, `database-bootstrap-${plan.id}`, plan.image),
      undo: async () => {
        await secrets.enforce(path, before);
        await copied(context, path, variable, before);
        await runBootstrap(context, `database-bootstrap-${plan.id}-back`, plan.image);
      },
    }),
    {
      name: "restart",
      description: "replace the pods that read it, a few at a time",
      run: () => restart(context, variable, live, after),
      undo: async () => {
        await secrets.enforce(path, before);
        await copied(context, path, variable, before);
        await restart(context, variable, live, before);
      },
    },
    ...when(known === "cache", {
      name: "accept one",
      description: "let the cache take the new password alone",
      run: () => only(after).then(() => undefined),
      final: true,
    }),
  ];
}

const when = (condition: boolean, step: Step): readonly Step[] => (condition ? [step] : []);

const readersOf = (variable: SecretVariable): readonly ServiceKey[] =>
  serviceKeys.filter((key) => (secretSettings[variable].readers as readonly string[]).includes(key));

async function copied(context: Context, path: string, variable: SecretVariable, version: string): Promise<string> {
  const { cluster, secrets, timeSeries } = context.platform;
  const wanted = (await secrets.read(path, version))[secretSettings[variable].property];
  const readers: readonly Reader[] = secretSettings[variable].readers;
  const copies = readers
    .filter((reader) => reader !== "timeSeriesJobs" || timeSeries !== undefined)
    .map((reader) => copyNames[reader]);
  await until(context, { what: `the copies of ${path} in the cluster`, timeoutMs: COPY_TIMEOUT_MS }, async () => {
    const held = await Promise.all(copies.map((copy) => cluster.secretCopies(copy, variable)));
    return held.every((values) => values.some((one) => one === wanted)) ? true : undefined;
  });
  return copies.join(", ");
}

async function restart(context: Context, variable: SecretVariable, live: Colour, version: string): Promise<string> {
  const { cluster } = context.platform;
  for (const key of readersOf(variable)) await cluster.restart(deploymentName(services[key], live), version);
  return settled(context, live);
}
