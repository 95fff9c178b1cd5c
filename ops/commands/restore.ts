import { Argument, InvalidArgumentError, Option } from "commander";
import { backupPrefixes } from "../../config/names";
import { operation } from "../core/command";
import type { Command } from "../core/command";
import { instanceSteps, instanceSwitchSteps, planInstance, planInstanceSwitch } from "../recovery/restore-instance";
import type { InstancePlan, InstanceSwitchPlan } from "../recovery/restore-instance";
import { planRestore, planSwitch, restoreSteps, switchSteps } from "../recovery/restore-dump";
import type { RestorePlan, SwitchPlan } from "../recovery/restore-dump";
import { deletionSteps, planDeletion } from "../time-series/delete-copy";
import type { Deletion } from "../time-series/delete-copy";
import { requireServer } from "../time-series/require-server";
import { copySteps, countStep, planCopy } from "../time-series/restore-copy";
import type { CopyPlan } from "../time-series/restore-copy";
import { clusterSwitchSteps, planClusterSwitch, switchedLines } from "../time-series/switch-cluster";
import type { ClusterSwitch } from "../time-series/switch-cluster";

const explanation =
  "Nothing is ever restored over the live database. A copy is made beside it and held against what it should be: number " +
  "and content of rows, newest tick. Only then `restore switch` puts it in the live one's place, which stays under " +
  "another name until it is dropped.";

const into = (what: string) => new Option("--into <name>", `name of the ${what} that is made`);
const acceptLoss = new Option("--accept-loss", "switch although the live one holds newer data").default(false);

interface Target {
  readonly into?: string;
}

interface Switch {
  readonly copy: string;
  readonly acceptLoss: boolean;
}

const dump = operation<Target & { readonly dump: string }, RestorePlan>({
  name: "restore dump",
  summary: "Restores a dump into a new database beside the live one, and compares every row",
  explanation,
  arguments: [new Argument("<dump>", "its name, as `backups` lists it")],
  options: [into("database")],
  examples: [
    { line: "restore dump bist_trading_backup_20261123_003000 --env staging", description: "a copy to look into" },
  ],
  plan: (context, { dump: name, into: target }) => planRestore(context, name, target),
  steps: restoreSteps,
  answer: ({ dump: name, into: database, takenAt, contents }) => ({
    lines: [
      `${database} holds everything of ${name}, as of ${takenAt}; newest tick ${contents.newestTick ?? "none"}.`,
      `To make it live: restore switch ${database}`,
    ],
    data: { database, takenAt, contents },
  }),
});

const instanceAnswer = ({ target }: InstancePlan) => ({
  lines: [`${target} is up and was looked at.`, `To make it live: restore switch-instance ${target}`],
  data: { instance: target },
});

const snapshot = operation<Target & { readonly snapshot: string }, InstancePlan>({
  name: "restore snapshot",
  summary: "Restores a snapshot into a new instance beside the live one, and looks at it",
  explanation,
  arguments: [new Argument("<snapshot>", "its identifier, as `backups` lists it")],
  options: [into("instance")],
  examples: [
    { line: "restore snapshot bist-trading-postgres-prod-20261123003000 --env staging", description: "an instance" },
  ],
  plan: (context, { snapshot: name, into: target }) => planInstance(context, { snapshot: name }, target),
  steps: instanceSteps,
  answer: instanceAnswer,
});

const time = operation<Target & { readonly time: string }, InstancePlan>({
  name: "restore time",
  summary: "Restores the database as it was at a moment into a new instance, and looks at it",
  explanation,
  arguments: [new Argument("<time>", "the moment, for example 2026-11-23T09:41:00Z").argParser(instant)],
  options: [into("instance")],
  examples: [
    {
      line: "restore time 2026-11-23T09:41:00Z --env production --confirm production",
      description: "the minute before a mistake",
    },
  ],
  plan: (context, { time: moment, into: target }) =>
    planInstance(context, { of: context.environment.database.identifier, time: moment }, target),
  steps: instanceSteps,
  answer: instanceAnswer,
});

const switchCopy = operation<Switch, SwitchPlan>({
  name: "restore switch",
  summary: "Puts a restored database in the live one's place",
  explanation: `${explanation}\n\nSessions end, and services connect again to the other data at once.`,
  arguments: [new Argument("<copy>", "the database that was restored")],
  options: [acceptLoss],
  examples: [
    { line: "restore switch bist_trading_restored_20261123101500 --env staging", description: "within seconds" },
  ],
  plan: (context, { copy, acceptLoss: accepted }) => planSwitch(context, copy, accepted),
  steps: switchSteps,
  answer: ({ live, copy, keptAs }) => ({
    lines: [
      `${live} is what ${copy} was.`,
      ...(keptAs === undefined ? [] : [`What was live is kept as ${keptAs}; back again: restore switch ${keptAs}`]),
    ],
    data: { live, keptAs },
  }),
});

const switchInstance = operation<Switch, InstanceSwitchPlan>({
  name: "restore switch-instance",
  summary: "Puts a restored instance in the live one's place",
  explanation:
    `${explanation}\n\nThe instances change names, and with them addresses, which takes some minutes in which services ` +
    "have no database. Terraform knows the instance that was live: afterwards the new one has to be imported into its state.",
  arguments: [new Argument("<copy>", "the instance that was restored")],
  options: [acceptLoss],
  examples: [
    {
      line: "restore switch-instance bist-trading-postgres-prod-restored-20261123101500 --env production --confirm production --accept-loss",
      description: "gives up what was written since",
    },
  ],
  plan: (context, { copy, acceptLoss: accepted }) => planInstanceSwitch(context, copy, accepted),
  steps: instanceSwitchSteps,
  answer: ({ live, keptAs }) => ({
    lines: [
      `${live} is the restored instance; what was live is kept as ${keptAs}.`,
      'Before the next deploy, tell Terraform, in the folder of the stack "data" (docs/runbooks/restore.md):',
      `  terraform state rm <address of the instance> && terraform import <the same address> ${live}`,
    ],
    data: { live, keptAs },
  }),
});

interface Moment extends Target {
  readonly time?: string;
  readonly of?: string;
}

const timeSeries = operation<Moment, CopyPlan>({
  name: "restore time-series",
  summary:
    "Restores the time series' own server as it was at a moment into a copy beside the live one, and looks at it",
  explanation:
    `${explanation}\n\nThe copy is a Cluster of one instance, as large as one of the live server: it takes a node of its own ` +
    "while it is there. It archives its log under its own name.",
  arguments: [
    new Argument(
      "[time]",
      "the moment, for example 2026-11-23T09:41:00Z; the newest that was archived unless said",
    ).argParser(instant),
  ],
  options: [
    into("Cluster"),
    new Option("--of <server>", "server of the bucket, as `backups` lists it; the live one unless said"),
  ],
  examples: [
    {
      line: "restore time-series 2026-11-23T09:41:00Z --env production --confirm production",
      description: "the minute before a mistake",
    },
  ],
  plan: (context, wanted) => planCopy(context, wanted),
  steps: (plan, context) => [...copySteps(plan, context), countStep(plan, context)],
  answer: ({ target }) => ({
    lines: [`${target} is up and was looked at.`, `To make it live: restore switch-time-series ${target}`],
    data: { cluster: target },
  }),
});

const switchTimeSeries = operation<Switch, ClusterSwitch>({
  name: "restore switch-time-series",
  summary: "Puts a restored copy of the time series' own server in the live one's place",
  explanation:
    `${explanation}\n\nPostgreSQL is stopped in what was live, which ends every connection, and stays stopped: services ` +
    "connect again to the copy within seconds, and nothing is written where nobody would see it. The way back is the same " +
    "command with the other name.",
  arguments: [new Argument("<copy>", "the Cluster that was restored")],
  options: [acceptLoss],
  examples: [
    {
      line: "restore switch-time-series time-series-restored-20261123101500 --env production --confirm production --accept-loss",
      description: "gives up what was written since",
    },
  ],
  plan: (context, { copy, acceptLoss: accepted }) => planClusterSwitch(context, copy, accepted),
  steps: clusterSwitchSteps,
  answer: (plan, context) => ({
    lines: switchedLines(plan, requireServer(context).place.declared),
    data: { live: plan.copy, keptAs: plan.found && plan.live },
  }),
});

const deleteTimeSeries = operation<{ readonly copy: string }, Deletion>({
  name: "restore delete-time-series",
  summary: "Deletes a copy of the time series' own server, or what was live before a switch, with its volumes",
  explanation:
    "There is no way back but a restore from its backups, which stay in the bucket until somebody deletes them there. Refused " +
    "for what is live, and for what the environment's file names.",
  arguments: [new Argument("<copy>", "the Cluster that nobody needs any more")],
  examples: [
    {
      line: "restore delete-time-series time-series-restored-20261123101500 --env staging",
      description: "after a look into it",
    },
  ],
  plan: (context, { copy }) => planDeletion(context, copy),
  steps: deletionSteps,
  answer: ({ cluster, server }) => ({
    lines: [`${cluster} is gone, with its volumes.`, ...(server === undefined ? [] : [backupsStay(server)])],
    data: { cluster, server },
  }),
});

const backupsStay = (server: string) =>
  `Its backups and its log stay in the bucket of backups, below ${backupPrefixes.timeSeries}${server}/, and nobody removes ` +
  'them: delete them by hand when nobody misses them (docs/time-series.md, "After a restore").';

export const restoreCommands: readonly Command[] = [
  dump,
  snapshot,
  time,
  timeSeries,
  switchCopy,
  switchInstance,
  switchTimeSeries,
  deleteTimeSeries,
];

function instant(text: string): string {
  const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?Z$/.test(text) ? Date.parse(text) : Number.NaN;
  // A day that its month has not would be one of the next.
  if (!Number.isNaN(time) && new Date(time).toISOString().startsWith(text.slice(0, 16)))
    return new Date(time).toISOString();
  throw new InvalidArgumentError("Use a moment in UTC, for example 2026-11-23T09:41:00Z.");
}
