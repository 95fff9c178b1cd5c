import { Command, InvalidArgumentError, Option } from "commander";
import { environment, environmentNames } from "../../config";
import { synthesisOutput } from "../../lib/synthesize";
import * as plans from "./commands/plans";
import * as release from "./commands/release";
import { environmentJob, environmentJobs } from "./stacks";

const env = () => new Option("--env <name>", "environment").choices(environmentNames).makeOptionMandatory();

/** The pipeline's steps, which a workflow only puts in order. */
export const program = new Command("pipeline")
  .description("From a pull request to production, step by step; docs/delivery.md has the whole way.")
  .addHelpText(
    "after",
    "\nExit codes: 0 done, 1 failed, 2 wrong arguments, 3 refused or found something, 77 cannot run on this machine.",
  )
  .exitOverride((error) => {
    process.exit(error.exitCode === 0 ? 0 : 2);
  });

program
  .command("matrix")
  .description("every environment with an account, its stacks in order, as JSON; synthesize first")
  .action(() => {
    process.stdout.write(`${JSON.stringify(environmentJobs(synthesisOutput))}\n`);
  });

program
  .command("roles")
  .description("region and roles of an environment, as the outputs of a step")
  .addOption(env())
  .action(({ env: name }: { env: string }) => {
    const { region, planRole, deployRole } = environmentJob(environment(name), []);
    process.stdout.write(`region=${region}\nplan-role=${planRole}\ndeploy-role=${deployRole}\n`);
  });

program
  .command("plan")
  .description("plans an environment's stacks in order; a plan that fails is recorded, see verdict")
  .addOption(env())
  .option(
    "--drift",
    "compare state and resources, as far as that reads no secret, instead of making plans to apply",
    false,
  )
  .action(plans.plan);

program
  .command("summary")
  .description("prints an environment's plans as Markdown")
  .addOption(env())
  .action(plans.summary);

program
  .command("comment")
  .description("writes an environment's plans into its comment on a pull request, or prints them")
  .addOption(env())
  .option("--pull-request <number>", "where to; without it the comment is printed", whole)
  .action(plans.comment);

program
  .command("verdict")
  .description("fails when a plan failed; else shows whether there is something to apply")
  .addOption(env())
  .action(plans.verdict);

program
  .command("reviewed")
  .description("refuses plans that were not reviewed, in the merged pull request or by their digest")
  .addOption(env())
  .option("--accept <digest>", "what a person accepts who has read the plans")
  .action(plans.reviewed);

program
  .command("apply")
  .description("applies the plans as they were made; refuses all of them when one is stale")
  .addOption(env())
  .action(plans.apply);

program
  .command("drift")
  .description("opens, updates or closes the issue about differences that `plan --drift` found")
  .addOption(new Option("--env <names...>", "environments").choices(environmentNames).makeOptionMandatory())
  .option("--print", "print the issue instead", false)
  .action(plans.drift);

program
  .command("record-drift")
  .description("keeps what `plan --drift` found of an environment for `ops status`, in its state bucket")
  .addOption(env())
  .action(plans.recordDrift);

program
  .command("contained")
  .description("refuses a tag of a commit that the branch does not contain")
  .requiredOption("--tag <tag>", "for example v1.4.0")
  .option("--branch <name>", "branch with its remote", "origin/main")
  .action(release.contained);

program
  .command("build-image")
  .description("builds the application's image and its list of contents as files; prints the digest")
  .action(release.build);

program
  .command("push-image")
  .description("copies the built image to an environment's registry; prints it by its digest")
  .addOption(env())
  .requiredOption("--tag <tag>", "version, for example v1.4.0")
  .action(release.push);

program
  .command("sign-image")
  .description("signs a pushed image and its list of contents as the workflow that runs")
  .requiredOption("--image <image>", "repository@sha256:...")
  .action(release.sign);

program
  .command("verify-image")
  .description("refuses an image that the release workflow did not sign")
  .addOption(env())
  .requiredOption("--image <image>", "repository@sha256:...")
  .action(release.verify);

function whole(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError("It is not a number from 1.");
  return Number(text);
}
