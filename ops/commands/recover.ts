import { Argument, Option } from "commander";
import { operation } from "../core/command";
import type { Command, Step } from "../core/command";
import type { Context } from "../core/context";
import { applicationRecoverySteps, planApplicationRecovery } from "../recovery/recover-application";
import type { ApplicationRecovery } from "../recovery/recover-application";
import { databaseRecoverySteps, planDatabaseRecovery } from "../recovery/recover-database";
import type { DatabaseRecovery } from "../recovery/recover-database";
import { planSeriesRecovery, seriesRestoreSteps, seriesSwitchSteps } from "../time-series/recover";
import type { SeriesRecovery } from "../time-series/recover";
import { requireServer } from "../time-series/require-server";
import { switchedLines } from "../time-series/switch-cluster";

const explanation =
  "For when something is lost, and not only slow. Infrastructure comes back by a deploy, from what is declared and the " +
  "states in S3; where it is missing, this says which deploy. Data comes back from a dump, and is never restored over " +
  "the live database: a copy is made, compared row by row, and changes names with it. Where the time series have a server " +
  "of their own, its standby takes over by itself; a server that is lost comes back from its backups, at the newest moment " +
  "that was archived. The application comes back as the release that was live last.";

const dumpArgument = new Argument("[dump]", "its name, as `backups` lists it; the newest that is whole unless said");
const acceptLoss = new Option("--accept-loss", "recover although the live database holds newer data").default(false);

interface DatabaseInput {
  readonly dump?: string;
  readonly acceptLoss: boolean;
}

interface FullRecovery {
  readonly database: DatabaseRecovery;
  /** Undefined where they have no server of their own, or one that answers. */
  readonly timeSeries?: SeriesRecovery;
  readonly application: ApplicationRecovery;
}

const database = operation<DatabaseInput, DatabaseRecovery>({
  name: "recover database",
  summary: "Brings the database back from a dump: a copy, compared row by row, in the live one's place",
  explanation,
  arguments: [dumpArgument],
  options: [acceptLoss],
  examples: [
    {
      line: "recover database --env production --confirm production --dry-run",
      description: "shows which dump it would be",
    },
    {
      line: "recover database bist_trading_backup_20261123_003000 --env staging --accept-loss",
      description: "gives up what was written since",
    },
  ],
  plan: (context, { dump, acceptLoss: accepted }) => planDatabaseRecovery(context, dump, accepted),
  steps: databaseRecoverySteps,
  answer: (plan) => ({ lines: databaseLines(plan), data: databaseData(plan) }),
});

const application = operation<object, ApplicationRecovery>({
  name: "recover application",
  summary: "Brings the application back as the release that was live last, with fresh pods",
  explanation,
  examples: [
    { line: "recover application --env production --confirm production", description: "pods, weights, page off" },
  ],
  plan: (context) => planApplicationRecovery(context),
  steps: applicationRecoverySteps,
  answer: (plan) => ({ lines: applicationLines(plan), data: applicationData(plan) }),
});

const timeSeries = operation<{ readonly acceptLoss: boolean }, SeriesRecovery>({
  name: "recover time-series",
  summary:
    "Brings the time series' own server back from its backups: a copy of the newest moment, in the live one's place",
  explanation,
  options: [acceptLoss],
  examples: [
    {
      line: "recover time-series --env production --confirm production --dry-run",
      description: "whether it could, and each step",
    },
  ],
  plan: (context, { acceptLoss: accepted }) => planSeriesRecovery(context, accepted),
  steps: (plan, context) => [...seriesRestoreSteps(plan, context), ...seriesSwitchSteps(plan, context)],
  answer: (plan, context) => ({ lines: seriesLines(plan, context), data: seriesData(plan) }),
});

const full = operation<DatabaseInput, FullRecovery>({
  name: "recover full",
  summary:
    "Brings everything back: the database, the time series, then the application, then a look whether all is well",
  explanation:
    `${explanation}\n\nA server of the time series that answers is left as it is. Once the databases are recovered they stay ` +
    "so: when the application does not come back, the same command again goes on from there.",
  arguments: [dumpArgument],
  options: [acceptLoss],
  examples: [
    { line: "recover full --env production --confirm production --accept-loss", description: "from the newest dump" },
    { line: "recover full --env staging --dry-run", description: "whether it could, and each step" },
  ],
  async plan(context, { dump, acceptLoss: accepted }) {
    const application = await planApplicationRecovery(context);
    const database = await planDatabaseRecovery(context, dump, accepted);
    const series = (await isLost(context)) ? { timeSeries: await planSeriesRecovery(context, accepted) } : {};
    return { application, database, ...series };
  },
  steps: fullSteps,
  answer: (plan, context) => ({
    lines: [
      ...databaseLines(plan.database),
      ...(plan.timeSeries === undefined ? [] : seriesLines(plan.timeSeries, context)),
      ...applicationLines(plan.application),
    ],
    data: {
      ...databaseData(plan.database),
      ...(plan.timeSeries === undefined ? {} : { timeSeries: seriesData(plan.timeSeries) }),
      ...applicationData(plan.application),
    },
  }),
});

/** Whether the time series had a server of their own, which no standby of it takes over. */
async function isLost({ platform }: Context): Promise<boolean> {
  const { timeSeries: server } = platform;
  return server !== undefined && !(await server.answers(await server.live()));
}

function fullSteps(plan: FullRecovery, context: Context): readonly Step[] {
  // A database that was lost is not brought back to having been lost because a pod does not start.
  const forward = applicationRecoverySteps(plan.application, context).map((step) => ({ ...step, final: true }));
  const { timeSeries: series } = plan;
  const called = (steps: readonly Step[]) => steps.map((step) => ({ ...step, name: `time series: ${step.name}` }));
  // What takes longest can still be taken back, with nothing changed.
  return [
    ...(series === undefined ? [] : called(seriesRestoreSteps(series, context))),
    ...databaseRecoverySteps(plan.database, context),
    ...(series === undefined ? [] : called(seriesSwitchSteps(series, context))),
    ...forward,
  ];
}

const seriesLines = ({ change }: SeriesRecovery, context: Context) =>
  switchedLines(change, requireServer(context).place.declared);

const seriesData = ({ restore, change }: SeriesRecovery) => ({
  cluster: restore.target,
  of: restore.of,
  keptAs: change.found && change.live,
});

function databaseLines({ restore, change }: DatabaseRecovery): readonly string[] {
  return [
    `${change.live} holds everything of ${restore.dump}, as of ${restore.takenAt}.`,
    ...(change.keptAs === undefined
      ? []
      : [`What was live is kept as ${change.keptAs}; back again: restore switch ${change.keptAs}`]),
  ];
}

const databaseData = ({ restore, change }: DatabaseRecovery) => ({
  dump: restore.dump,
  takenAt: restore.takenAt,
  keptAs: change.keptAs,
});

const applicationLines = ({ live, image }: ApplicationRecovery): readonly string[] => [
  `${live} is live with ${image}. \`health\` looks at the rest.`,
];

const applicationData = ({ live, image }: ApplicationRecovery) => ({ live, image });

export const recoverCommands: readonly Command[] = [full, database, timeSeries, application];
