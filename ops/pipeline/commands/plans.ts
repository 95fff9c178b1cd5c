import { appendFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { environment } from "../../../config";
import { projectRoot } from "../../../lib/paths";
import { synthesisOutput } from "../../../lib/synthesize";
import { withLocalEndpoints } from "../../../lib/emulated-environment";
import { recordsOf } from "../../aws/s3-records";
import { applySealed } from "../apply";
import { headCommit } from "../git";
import { artifactLink, Github, githubSettings } from "../github";
import { planText } from "../plan/render";
import { planStacks } from "../planning";
import { environmentComment, tally } from "../report/comment";
import { driftIssue, reportDrift } from "../report/drift";
import { keepDrift } from "../report/drift-record";
import { isApplicable, readReport, writeReport } from "../report/report";
import type { StackReport } from "../report/report";
import { deployDigest, unreviewed } from "../report/reviewed";
import { reviewsOf, stick } from "../report/sticky";
import { sealStack } from "../seal";
import { stacksInOrder } from "../stacks";
import type { Stack } from "../stacks";
import { Workspace } from "../workspace";

/** What commands hand each other on a machine; a workflow uploads the parts as artifacts. */
export const pipelineFolder = join(projectRoot, ".cache", "pipeline");
/** Plans to read: `report.json` and a text of each stack. */
const plansOf = (environment: string) => join(pipelineFolder, "plans", environment);
/** Plans to apply. */
const sealedOf = (environment: string) => join(pipelineFolder, "sealed", environment);

const say = (line: string) => process.stdout.write(`${line}\n`);

/** GitHub takes a megabyte in a summary. */
const SUMMARY_LIMIT = 500_000;

/** A check that found something: its message says all there is to say. */
export class Refused extends Error {}

export async function plan({ env, drift }: { env: string; drift: boolean }): Promise<void> {
  const stacks = stacksInOrder(synthesisOutput, env);
  const workspace = new Workspace();
  const commit = headCommit();
  for (const folder of [plansOf(env), sealedOf(env)]) rmSync(folder, { recursive: true, force: true });
  const reports = await planStacks(stacks, workspace, {
    purpose: drift ? "drift" : "changes",
    onReport: (report) => {
      say(`${report.stack}: ${resultOf(report)}`);
    },
  });
  writeReport(plansOf(env), { environment: env, commit, stacks: reports });
  for (const report of reports) writeFileSync(join(plansOf(env), `${report.stack}.txt`), `${wholeText(report)}\n`);
  if (!drift) await seal(env, stacks, reports, workspace, commit);
}

async function seal(
  env: string,
  stacks: readonly Stack[],
  reports: readonly StackReport[],
  workspace: Workspace,
  commit: string,
): Promise<void> {
  mkdirSync(sealedOf(env), { recursive: true });
  for (const report of reports.filter(({ outcome }) => outcome === "planned")) {
    const stack = stacks.find(({ id }) => id === report.stack);
    if (stack === undefined) continue;
    await sealStack(sealedOf(env), stack, stacks, workspace, { commit, applicable: isApplicable(report) });
  }
}

function resultOf(report: StackReport): string {
  if (report.outcome === "failed") return "the plan failed";
  if (report.outcome === "waiting") return `waits for ${report.needs.map(({ stack }) => stack).join(", ")}`;
  return tally(report.changes.resources);
}

function wholeText(report: StackReport): string {
  if (report.outcome === "failed") return report.problem;
  if (report.outcome === "waiting") return `This stack ${resultOf(report)}.`;
  const text = planText(report.changes);
  return text === "" ? "No change." : text;
}

export function summary({ env }: { env: string }): void {
  const link = artifactLink(`plans-${env}`, plansOf(env));
  const report = readReport(plansOf(env));
  say(environmentComment(report, { limit: SUMMARY_LIMIT, link }));
  const left = report.stacks.filter(
    (stack) => stack.outcome === "waiting" || (stack.outcome === "planned" && stack.provisional.length > 0),
  );
  if (left.length > 0) {
    say(
      `Planned again by the next deploy: ${left.map(({ stack }) => stack).join(", ")}. Start it when this one is done: \`gh workflow run deploy.yml\``,
    );
  }
}

export async function comment({ env, pullRequest }: { env: string; pullRequest?: number }): Promise<void> {
  const text = environmentComment(readReport(plansOf(env)), { link: artifactLink(`plans-${env}`, plansOf(env)) });
  if (pullRequest === undefined) say(text);
  else say(`The comment is ${await stick(new Github(githubSettings()), pullRequest, env, text)}.`);
}

export function verdict({ env }: { env: string }): void {
  const report = readReport(plansOf(env));
  const failed = report.stacks.filter(({ outcome }) => outcome === "failed").map(({ stack }) => stack);
  if (failed.length > 0) throw new Refused(`These plans failed: ${failed.join(", ")}`);
  const applicable = report.stacks.some(isApplicable);
  const output = process.env["GITHUB_OUTPUT"];
  if (output !== undefined) appendFileSync(output, `applicable=${applicable}\n`);
  say(applicable ? `There are changes to apply, in all ${deployDigest(report)}.` : "There is nothing to apply.");
}

export async function reviewed({ env, accept }: { env: string; accept?: string }): Promise<void> {
  const report = readReport(plansOf(env));
  const digest = deployDigest(report);
  if (accept === digest) {
    say(`These are the changes that were accepted, ${digest}.`);
    return;
  }
  if (accept)
    throw new Refused(`Accepted were the changes ${accept}, and these are ${digest}: read them, then accept ${digest}`);
  if (!report.stacks.some(isApplicable)) return;
  const reviews = await reviewsOf(new Github(githubSettings()), report.commit, env);
  const problems = unreviewed(report, reviews);
  if (problems.length === 0) {
    say("Every change was in the review.");
    return;
  }
  throw new Refused(
    `These plans of ${env} were not reviewed:\n${problems.map((problem) => `  ${problem}`).join("\n")}\n` +
      `Read them in this run's summary. To deploy them: gh workflow run deploy.yml -f environment=${env} -f accept=${digest}`,
  );
}

export async function apply({ env }: { env: string }): Promise<void> {
  const interrupt = new AbortController();
  const stop = () => {
    say("Interrupted: Terraform finishes what it is doing and saves its state.");
    interrupt.abort();
  };
  process.once("SIGINT", stop).once("SIGTERM", stop);
  const applied = await applySealed({
    sealed: sealedOf(env),
    workFolder: join(synthesisOutput, "stacks"),
    commit: headCommit(),
    workspace: new Workspace(undefined, interrupt.signal),
    tell: say,
  });
  say(applied.length === 0 ? "There was nothing to apply." : `Applied: ${applied.join(", ")}.`);
}

export async function drift({ env, print }: { env: readonly string[]; print: boolean }): Promise<void> {
  const reports = env.map((name) => readReport(plansOf(name)));
  const body = driftIssue(reports, artifactLink("plans-*", join(pipelineFolder, "plans")));
  if (print) say(body ?? "No drift.");
  else say(await reportDrift(new Github(githubSettings()), body));
}

export async function recordDrift({ env }: { env: string }): Promise<void> {
  const { lookedAt, stacks } = await keepDrift(
    recordsOf(withLocalEndpoints(environment(env))),
    readReport(plansOf(env)),
    new Date(),
  );
  say(`On record: ${stacks.length} stacks of ${env}, looked at ${lookedAt}.`);
}
