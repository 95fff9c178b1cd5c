import { Option } from "commander";
import { dumpName } from "../../app/packages/contract/dumps";
import { query, operation } from "../core/command";
import type { Step } from "../core/command";
import type { Context } from "../core/context";
import { stamp } from "../recovery/inspect";
import { dumpSteps } from "../recovery/take-dump";
import type { RecoveryWindow } from "../time-series/backups";
import type { TimeSeriesServer } from "../time-series/server";
import { baseBackupSteps, planBaseBackup } from "../time-series/take-backup";
import type { BaseBackupPlan } from "../time-series/take-backup";

interface BackupInput {
  readonly snapshot: boolean;
  readonly timeSeries: boolean;
}

interface DatabaseBackup {
  readonly kind: "dump" | "snapshot";
  readonly name: string;
  readonly id: string;
}

type BackupPlan = DatabaseBackup | ({ readonly kind: "base backup" } & BaseBackupPlan);

export const backup = operation<BackupInput, BackupPlan>({
  name: "backup",
  summary: "Backs the database up now: a dump in the backup bucket, or a snapshot; or the server of the time series",
  explanation:
    "A dump is made by the daily dump's own Job, with a manifest of every table's rows beside it; it brings back the whole " +
    "or one table, on any server. A snapshot (--snapshot) is RDS's own: quick to take, and restored as a new instance. Where " +
    "the time series have a server of their own, --time-series has a base backup of it taken, which reads everything: with " +
    "the log that is archived all the time, it brings back any moment from its end on. One that is under way already is " +
    "waited for.",
  options: [
    new Option("--snapshot", "take a snapshot of the instance").default(false),
    new Option("--time-series", "take a base backup of the time series' own server")
      .default(false)
      .conflicts("snapshot"),
  ],
  examples: [
    { line: "backup --env staging", description: "a dump; its name is shown at the end" },
    { line: "backup --snapshot --env production --confirm production", description: "before something risky" },
    { line: "backup --time-series --env production --confirm production", description: "after a switch to a copy" },
  ],
  async plan(context, { snapshot, timeSeries }) {
    const { environment, platform, clock } = context;
    if (timeSeries) return { kind: "base backup", ...(await planBaseBackup(context)) };
    const { identifier, name } = environment.database;
    const id = stamp(clock.now());
    if (snapshot) return { kind: "snapshot", name: `${identifier}-${id}`, id };
    await platform.databaseJobs.requireTools();
    return { kind: "dump", name: dumpName(name, clock.now()), id };
  },
  steps: (plan, context) => {
    if (plan.kind === "base backup") return baseBackupSteps(plan, context);
    return plan.kind === "dump" ? dumpSteps(plan, context) : snapshotSteps(plan, context);
  },
  answer: ({ kind, name }) => ({
    lines: [`${name} is there; \`verify-backup${kind === "base backup" ? " --time-series" : ""}\` tries it.`],
    data: { kind, name },
  }),
});

function snapshotSteps({ name }: DatabaseBackup, context: Context): readonly Step[] {
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
  summary: "Lists what can be restored: dumps, snapshots, base backups, and how far back any moment can be",
  explanation:
    "Dumps come from the backup bucket; one without its manifest was cut short and is not listed. Where the time series have " +
    "a server of their own, its base backups are listed as its operator has them on record, and for each server in the bucket " +
    "from when on any moment can be restored.",
  examples: [{ line: "backups --env production", description: "the newest of each kind first" }],
  async answer({ environment, platform }) {
    const { identifier } = environment.database;
    const [dumps, snapshots, window, timeSeries] = await Promise.all([
      platform.dumps.names(),
      platform.instances.snapshots(identifier),
      platform.instances.restorable(identifier),
      platform.timeSeries && restorableOf(platform.timeSeries),
    ]);
    const times = window === undefined ? "  none: the instance keeps no logs" : `  ${window.from} to ${window.until}`;
    return {
      lines: [
        ...["Dumps:", ...list(dumps), "Snapshots:", ...list(snapshots), "Any moment:", times],
        ...(timeSeries?.lines ?? []),
      ],
      data: { dumps, snapshots, window, ...(timeSeries === undefined ? {} : { timeSeries: timeSeries.data }) },
    };
  },
});

const list = (names: readonly string[]) => (names.length === 0 ? ["  none"] : names.map((name) => `  ${name}`));

/** What can be restored of the server of the time series. */
async function restorableOf(server: TimeSeriesServer) {
  const live = await server.live();
  const [all, windows, cluster] = await Promise.all([server.baseBackups(), server.windows(), server.find(live)]);
  const shown = all.map(({ name, is, phase, error, stoppedAt, cluster: of }) => {
    if (is === "complete") return `${name}  complete at ${stoppedAt ?? "an unknown time"}, of ${of}`;
    return `${name}  ${is}${is === "failed" ? `: ${error === "" ? phase : error}` : ` (${phase})`}, of ${of}`;
  });
  const moments = Object.entries(windows).map(([name, { from, lastBackup }]) => {
    const begins = from === undefined ? "nothing: it has no base backup" : `from ${from} on`;
    const newest = lastBackup === undefined ? "" : `; newest base backup ${lastBackup}`;
    return `${name}  ${begins}${newest}${name === cluster?.serverName ? untilWhen(cluster.archiving) : ""}`;
  });
  return {
    lines: ["Base backups of the time series:", ...list(shown), "Any moment of the time series:", ...list(moments)],
    data: {
      live,
      baseBackups: all,
      windows: windows satisfies Readonly<Record<string, RecoveryWindow>>,
      archiving: cluster?.archiving,
    },
  };
}

/** How far forward the live server's moments go: the operator says whether log is archived, and not of which segment. */
function untilWhen(archiving: { readonly works: boolean; readonly since: string } | undefined): string {
  if (archiving === undefined) return "; its log was never archived yet";
  return archiving.works
    ? "; to half a minute ago: its log is archived"
    : `; to about ${archiving.since}, since when its log is not archived`;
}
