import { Option } from "commander";
import { dumpName } from "../../app/packages/contract/dumps";
import { query, operation } from "../core/command";
import type { Step } from "../core/command";
import type { Context } from "../core/context";
import { stamp } from "../recovery/inspect";
import { dumpSteps } from "../recovery/take-dump";

interface BackupInput {
  readonly snapshot: boolean;
}

interface BackupPlan {
  readonly kind: "dump" | "snapshot";
  readonly name: string;
  readonly id: string;
}

export const backup = operation<BackupInput, BackupPlan>({
  name: "backup",
  summary: "Backs the database up now: a dump in the backup bucket, or a snapshot",
  explanation:
    "A dump is made by the daily dump's own Job, with a manifest of every table's rows beside it; it brings back the whole " +
    "or one table, on any server. A snapshot (--snapshot) is RDS's own: quick to take, and restored as a new instance.",
  options: [new Option("--snapshot", "take a snapshot of the instance").default(false)],
  examples: [
    { line: "backup --env staging", description: "a dump; its name is shown at the end" },
    { line: "backup --snapshot --env production --confirm production", description: "before something risky" },
  ],
  async plan({ environment, platform, clock }, { snapshot }) {
    const { identifier, name } = environment.database;
    const id = stamp(clock.now());
    if (snapshot) return { kind: "snapshot", name: `${identifier}-${id}`, id };
    await platform.databaseJobs.requireTools();
    return { kind: "dump", name: dumpName(name, clock.now()), id };
  },
  steps: (plan, context) => (plan.kind === "dump" ? dumpSteps(plan, context) : snapshotSteps(plan, context)),
  answer: ({ kind, name }) => ({ lines: [`${name} is there; \`verify-backup\` tries it.`], data: { kind, name } }),
});

function snapshotSteps({ name }: BackupPlan, context: Context): readonly Step[] {
  const { instances } = context.platform;
  return [
    {
      name: "snapshot",
      description: `take the snapshot ${name}`,
      run: () => instances.takeSnapshot(context.environment.database.identifier, name).then(() => undefined),
      undo: () => instances.deleteSnapshot(name),
    },
    { name: "await", description: "wait until it is whole", run: () => instances.snapshotTaken(context, name) },
  ];
}

export const backups = query({
  name: "backups",
  summary: "Lists what can be restored: dumps, snapshots, and how far back any moment can be",
  explanation: "Dumps come from the backup bucket; one without its manifest was cut short and is not listed.",
  examples: [{ line: "backups --env production", description: "the newest of each kind first" }],
  async answer({ environment, platform }) {
    const { identifier } = environment.database;
    const [dumps, snapshots, window] = await Promise.all([
      platform.dumps.names(),
      platform.instances.snapshots(identifier),
      platform.instances.restorable(identifier),
    ]);
    const list = (names: readonly string[]) => (names.length === 0 ? ["  none"] : names.map((name) => `  ${name}`));
    const times = window === undefined ? "  none: the instance keeps no logs" : `  ${window.from} to ${window.until}`;
    return {
      lines: ["Dumps:", ...list(dumps), "Snapshots:", ...list(snapshots), "Any moment:", times],
      data: { dumps, snapshots, window },
    };
  },
});
