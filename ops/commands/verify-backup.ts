import { Argument, Option } from "commander";
import { operation } from "../core/command";
import { refused } from "../core/outcome";
import { stamp } from "../recovery/inspect";
import { planVerification, verificationSteps } from "../time-series/verify-backup";
import type { VerificationPlan } from "../time-series/verify-backup";

interface VerifyInput {
  readonly dump?: string;
  readonly timeSeries: boolean;
}

interface DumpVerification {
  readonly dump: string;
  readonly takenAt: string;
  readonly scratch: string;
  readonly id: string;
}

type VerifyPlan = DumpVerification | { readonly series: VerificationPlan };

export const verifyBackup = operation<VerifyInput, VerifyPlan>({
  name: "verify-backup",
  summary:
    "Restores a dump into a scratch database, compares every row, and drops it; or the time series into a scratch copy",
  explanation:
    "Reads the dump against its checksum, restores it beside the live database, and holds number and content of every " +
    "table's rows and the newest tick against the manifest. The scratch database takes as much storage as the live one, " +
    "for as long as it runs.\n\nWhere the time series have a server of their own, --time-series restores its newest base backup " +
    "and the log since into a Cluster of one instance, reads a row of every chunk, holds the newest tick and the rows of a week " +
    "against what the live server held before and holds then, and deletes it with its volumes. It takes a node of its own.",
  arguments: [new Argument("[dump]", "its name; the newest unless said otherwise")],
  options: [new Option("--time-series", "try the backups of the time series' own server").default(false)],
  examples: [
    { line: "verify-backup --env production --confirm production", description: "tries the newest dump" },
    {
      line: "verify-backup --time-series --env production --confirm production",
      description: "after the exchange has closed",
    },
  ],
  async plan(context, { dump: given, timeSeries }) {
    const { environment, platform, clock } = context;
    if (timeSeries) {
      if (given !== undefined) throw refused(`${given} is a dump: try it without --time-series`);
      return { series: await planVerification(context) };
    }
    const dump = given ?? (await platform.dumps.names())[0];
    if (dump === undefined) throw refused("There is no dump to verify: make one with `backup`");
    const { takenAt } = await platform.dumps.require(dump);
    await platform.databaseJobs.requireTools();
    const id = stamp(clock.now());
    return { dump, takenAt, scratch: `${environment.database.name}_verify_${id}`, id };
  },
  steps: (plan, context) => {
    if ("series" in plan) return verificationSteps(plan.series, context);
    const { dump, scratch, id } = plan;
    const { databaseJobs, dumps } = context.platform;
    const job = { command: "restore-database" } as const;
    return [
      {
        name: "verify",
        description: `restore ${dump} into ${scratch}, compare, and drop it`,
        run: async () => {
          const secrets = await dumps.addresses(dump);
          await databaseJobs.run(context, {
            ...job,
            name: `database-verify-${id}`,
            args: ["verify", scratch],
            secrets,
          });
          return "every row is there";
        },
        undo: () => databaseJobs.run(context, { ...job, name: `database-drop-${id}`, args: ["drop", scratch] }),
      },
    ];
  },
  answer: (plan) => {
    if ("series" in plan) return verifiedSeries(plan.series);
    const { dump, takenAt } = plan;
    return { lines: [`${dump} can be restored: it holds everything as of ${takenAt}.`], data: { dump, takenAt } };
  },
});

const verifiedSeries = ({ of, takenAt, until }: VerificationPlan) => ({
  lines: [`${of} can be restored: its base backup of ${takenAt}, with the log since, holds everything as of ${until}.`],
  data: { server: of, takenAt, asOf: until },
});
