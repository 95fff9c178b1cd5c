import type { Step } from "../core/command";
import type { Context } from "../core/context";

export interface DumpPlan {
  /** The dump's, in the backup bucket. */
  readonly name: string;
  /** Part of the Job's name. */
  readonly id: string;
}

export function dumpSteps({ name, id }: DumpPlan, context: Context): readonly Step[] {
  const { databaseJobs, dumps } = context.platform;
  return [
    {
      name: "dump",
      description: `dump the database as ${name}`,
      run: () =>
        databaseJobs
          .run(context, { name: `database-backup-${id}`, command: "dump-database", args: [name] })
          .then(() => undefined),
    },
    {
      name: "look",
      description: "see that the dump and its manifest are in the bucket",
      run: async () => {
        const { bytes, contents } = await dumps.require(name);
        return `${bytes} bytes, ${Object.keys(contents.tables).length} tables`;
      },
    },
  ];
}
