import { Argument } from "commander";
import { operation } from "../core/command";
import { refused } from "../core/outcome";
import { stamp } from "../recovery/inspect";

interface VerifyPlan {
  readonly dump: string;
  readonly takenAt: string;
  readonly scratch: string;
  readonly id: string;
}

export const verifyBackup = operation<{ readonly dump?: string }, VerifyPlan>({
  name: "verify-backup",
  summary: "Restores a dump into a scratch database, compares every row, and drops it",
  explanation:
    "Reads the dump against its checksum, restores it beside the live database, and holds number and content of every " +
    "table's rows and the newest tick against the manifest. The scratch database takes as much storage as the live one, " +
    "for as long as it runs.",
  arguments: [new Argument("[dump]", "its name; the newest unless said otherwise")],
  examples: [{ line: "verify-backup --env production --confirm production", description: "tries the newest dump" }],
  async plan({ environment, platform, clock }, { dump: given }) {
    const dump = given ?? (await platform.dumps.names())[0];
    if (dump === undefined) throw refused("There is no dump to verify: make one with `backup`");
    const { takenAt } = await platform.dumps.require(dump);
    await platform.databaseJobs.requireTools();
    const id = stamp(clock.now());
    return { dump, takenAt, scratch: `${environment.database.name}_verify_${id}`, id };
  },
  steps: ({ dump, scratch, id }, context) => {
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
  answer: ({ dump, takenAt }) => ({
    lines: [`${dump} can be restored: it holds everything as of ${takenAt}.`],
    data: { dump, takenAt },
  }),
});
