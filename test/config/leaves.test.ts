import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Testing } from "cdktf";
import type { TerraformStack } from "cdktf";
import { invokeAspects } from "cdktf/lib/synthesize/synthesizer";
import { ConfigurationError, environment } from "../../config";
import type { Environment } from "../../config";
import { environmentSchema } from "../../config/schema/environment";
import type { ServiceSettings } from "../../config/schema/trading";
import { validateEnvironment } from "../../config/schema/validate";
import { environmentStacks } from "../../stacks/environment-stacks";
import { leafNames, leavesOf, otherValues, withValues } from "../support/leaves";
import type { Leaf } from "../support/leaves";
import { timescaledb } from "../support/time-series";

/** Settings that no stack reads, by their names, and who reads them. */
const readElsewhere: Readonly<Record<string, string>> = {
  "operators.confirmByName": "`ops` asks an operator for the environment's name before it changes anything.",
};

type Changes = Readonly<Record<string, unknown>>;

interface Change {
  /** Other settings without which `to` is not valid: both sides of the comparison have them. */
  readonly beside?: Changes;
  readonly to: Changes;
}

/** What a setting's own kind of value does not say how to change. */
const changesOf: Readonly<Record<string, Change>> = {
  "aws.region": {
    beside: { "aws.availabilityZones": ["us-west-2a", "us-west-2b"] },
    to: { "aws.region": "us-west-2" },
  },
  "aws.availabilityZones.0": { to: { "aws.availabilityZones.0": "us-east-1c" } },
  "aws.availabilityZones.1": { to: { "aws.availabilityZones.1": "us-east-1c" } },
  "aws.emulator": { to: { "aws.emulator": undefined } },
  "state.kind": { to: { state: { kind: "local", folder: ".local/state" } } },
  protectData: { to: { protectData: { reason: "The data of this test is disposable." } } },
  "timeSeries.in": { to: { timeSeries: timescaledb } },
  "timeSeries.majorVersion": {
    beside: { "timeSeries.image": "registry.example.com/timescaledb:1" },
    to: { "timeSeries.majorVersion": "16" },
  },
  "timeSeries.instances": {
    beside: {
      "aws.availabilityZones": ["us-east-1a", "us-east-1b", "us-east-1c"],
      "network.publicSubnets": ["10.0.1.0/24", "10.0.2.0/24", "10.0.3.0/24"],
      "network.privateSubnets": ["10.0.10.0/24", "10.0.11.0/24", "10.0.12.0/24"],
      "network.databaseSubnets": ["10.0.20.0/24", "10.0.21.0/24", "10.0.22.0/24"],
      "cluster.nodeGroups.database.minSize": 3,
      "cluster.nodeGroups.database.desiredSize": 3,
    },
    to: { "timeSeries.instances": 3 },
  },
  "edge.domain": {
    beside: {
      "edge.hosts.api": "api.bist.bist-trading.com",
      "edge.hosts.userManagement": "user-api.bist.bist-trading.com",
      "edge.hosts.marketData": "market.bist.bist-trading.com",
      "edge.hosts.brokerIntegration": "trading.bist.bist-trading.com",
      "edge.hosts.monitor": "monitor.bist.bist-trading.com",
    },
    to: { "edge.domain": "bist.bist-trading.com" },
  },
  "kubernetes.access": { to: { kubernetes: { access: "kubeconfig", file: "kubeconfig", context: "local" } } },
  "platform.charts.from": { to: { "platform.charts": { from: "folder", path: "charts" } } },
  "platform.authority.kind": {
    beside: { "trading.certificate.publiclyTrusted": false },
    to: { "platform.authority": { kind: "own" } },
  },
  // A day ends closed.
  "trading.calendarChanges.days.0.phases.1.phase": {
    to: {
      "trading.calendarChanges.days.0.phases.1.phase": "MARGIN",
      "trading.calendarChanges.days.0.phases.2": { from: "12:31", phase: "CLOSED" },
    },
  },
  "trading.certificate.publiclyTrusted": {
    beside: { "platform.authority": { kind: "own" } },
    to: { "trading.certificate.publiclyTrusted": false },
  },
};

const production = environment("production");

const autoscaled = (settings: ServiceSettings): ServiceSettings => ({
  ...settings,
  replicas: undefined,
  autoscaling: { minReplicas: 3, maxReplicas: 5, cpuPercent: 70, memoryPercent: 80 },
});

/** Environments that together have every setting there is, the first of them all that it has in every place. */
const environments: Readonly<Record<string, Environment>> = {
  production,
  local: environment("local"),
  "production with a TimescaleDB": changed(production, { timeSeries: timescaledb }),
  "production with what it leaves out": changed(production, {
    "operators.alarmEndpoints": ["https://pager.example.com/bist"],
    "platform.charts": { from: "repository", address: "oci://registry.example.com/charts" },
    "cluster.nodeGroups.database.taints": [{ key: "database", value: "true", effect: "NO_SCHEDULE" }],
    "trading.services.userManagement": autoscaled(production.trading.services.userManagement),
    "trading.services.brokerIntegration": autoscaled(production.trading.services.brokerIntegration),
    "trading.services.marketData.autoscaling": undefined,
    "trading.services.marketData.replicas": 5,
    "trading.brokerProxy": { url: "http://proxy.example.com.tr:3128", cidrs: ["203.0.113.7/32"], authenticated: true },
    "trading.image": "registry.example.com/app:1",
    "trading.calendarChanges": {
      feasts: [{ certainty: "PUBLISHED", ramadanFeast: "2028-02-26", sacrificeFeast: "2028-05-05" }],
      days: [
        {
          date: "2026-12-31",
          kind: "HALF",
          reason: "New Year's Eve",
          phases: [
            { from: "10:00", phase: "CONTINUOUS" },
            { from: "12:30", phase: "CLOSED" },
          ],
        },
      ],
    },
    "delivery.github.ids": { owner: 1, repository: 2 },
    "delivery.deployers": ["arn:aws:iam::111122223333:role/Administrator"],
  }),
  "production with a folder of charts": changed(production, {
    "platform.charts": { from: "folder", path: "charts" },
  }),
};

/** Where a setting of a section shows most likely; the others are looked at after it. */
const shownFirst: Readonly<Record<string, keyof Stacks>> = {
  network: "network",
  cluster: "cluster",
  database: "data",
  timeSeries: "trading",
  cache: "data",
  backups: "data",
  operators: "data",
  edge: "edge",
  kubernetes: "platform",
  platform: "platform",
  observability: "observability",
  trading: "trading",
};
type Stacks = ReturnType<typeof environmentStacks>;

/** Leaves by the environment that they are changed in: a setting that production has is changed there. */
const leaves = (() => {
  const known = new Set<string>();
  return Object.entries(environments).flatMap(([of, settings]) => {
    const own = leavesOf(environmentSchema, settings).filter(({ name }) => !known.has(name));
    for (const { name } of own) known.add(name);
    return own.map((leaf) => ({ of, leaf, path: leaf.path.join(".") }));
  });
})();

describe("every setting of an environment", () => {
  const folder = mkdtempSync(join(tmpdir(), "leaves-"));
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  const baselines = new Map<string, Synthesis>();
  const baseline = (of: string, settings: Environment) => {
    const found = baselines.get(of) ?? new Synthesis(settings, folder);
    baselines.set(of, found);
    return found;
  };

  /** Whether any of the setting's other values, tried until one does, changes a stack. */
  function changesAStack(of: string, leaf: Leaf): boolean {
    const settings = environments[of] ?? production;
    const { beside, changes } = changesFor(leaf);
    const before = beside === undefined ? baseline(of, settings) : new Synthesis(changed(settings, beside), folder);
    let tried = 0;
    for (const change of changes) {
      const other = changed(settings, { ...beside, ...change });
      if (!isValid(other)) continue;
      const after = synthesized(other, folder);
      if (after === undefined) continue;
      if (before.differsFrom(after, shownFirst[String(leaf.path[0])] ?? "delivery")) return true;
      if (++tried === ENOUGH) return false;
    }
    if (tried === 0) throw new Error(`No other valid value is known for ${leaf.path.join(".")}: add one to changesOf`);
    return false;
  }

  test("is in one of the environments that are looked at", () => {
    const missing = leafNames(environmentSchema).filter((name) => !leaves.some(({ leaf }) => leaf.name === name));
    expect([...new Set(missing)]).toEqual([]);
  });

  test.each(Object.entries(environments))("is the only thing that makes stacks of %s others", (of, settings) => {
    expect(baseline(of, settings).differsFrom(new Synthesis(settings, folder), "delivery")).toBe(false);
  });

  test.each(leaves.filter(({ leaf }) => !(leaf.name in readElsewhere)))(
    "$of: $path changes a stack",
    ({ of, leaf }) => {
      expect(changesAStack(of, leaf)).toBe(true);
    },
  );

  test.each(Object.keys(readElsewhere))("%s is there, and changes none", (name) => {
    const found = leaves.filter(({ leaf }) => leaf.name === name);
    expect(found.length).toBeGreaterThan(0);
    for (const { of, leaf } of found) expect(changesAStack(of, leaf)).toBe(false);
  });

  test("that is changed in a way of its own is there", () => {
    expect(Object.keys(changesOf).filter((path) => !leaves.some((leaf) => leaf.path === path))).toEqual([]);
  });
});

/** Values that a setting is given before it is said to do nothing; one may be rounded away. */
const ENOUGH = 4;

function changesFor(leaf: Leaf): { readonly beside?: Changes; readonly changes: readonly Changes[] } {
  const path = leaf.path.join(".");
  const own = changesOf[path];
  if (own !== undefined) return { beside: own.beside, changes: [own.to] };
  return { changes: otherValues(leaf).map((value) => ({ [path]: value })) };
}

function changed(settings: Environment, changes: Changes): Environment {
  return withValues(
    settings,
    Object.entries(changes).map(([path, value]) => [path.split("."), value]),
  );
}

function isValid(settings: Environment): boolean {
  try {
    validateEnvironment(settings, settings.name);
    return true;
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return false;
  }
}

/** `undefined` for a value that a construct refuses. */
function synthesized(settings: Environment, folder: string): Synthesis | undefined {
  try {
    return new Synthesis(settings, folder);
  } catch {
    return undefined;
  }
}

/** An environment's stacks, each written when it is asked for: most settings show in the first one. */
class Synthesis {
  private readonly stacks: Stacks;
  private readonly written = new Map<keyof Stacks, string>();

  constructor(settings: Environment, folder: string) {
    this.stacks = environmentStacks(Testing.app({ outdir: folder }), settings);
  }

  differsFrom(other: Synthesis, first: keyof Stacks): boolean {
    const names = Object.keys(this.stacks) as (keyof Stacks)[];
    return [first, ...names.filter((name) => name !== first)].some((name) => this.write(name) !== other.write(name));
  }

  private write(name: keyof Stacks): string {
    const found = this.written.get(name) ?? terraform(this.stacks[name]);
    this.written.set(name, found);
    return found;
  }
}

/** What Terraform reads. */
function terraform(stack: TerraformStack): string {
  stack.prepareStack();
  invokeAspects(stack);
  return JSON.stringify(stack.toTerraform());
}
