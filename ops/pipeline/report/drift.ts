import type { Github } from "../github";
import { isEmpty } from "../plan/changes";
import { changeLines, planText } from "../plan/render";
import { tally } from "./comment";
import { inline, writeBlocks } from "./markdown";
import type { Block } from "./markdown";
import type { EnvironmentReport, StackReport } from "./report";

const LABEL = "drift";
const TITLE = "Environments differ from what main declares";
const LIMIT = 65_536;

/** The issue's text; undefined when every stack is what it declares. */
export function driftIssue(reports: readonly EnvironmentReport[], link: string): string | undefined {
  const found = reports.flatMap(({ stacks }) => stacks).filter(differs);
  if (found.length === 0) return undefined;
  const head = [
    "A scheduled plan found differences. Changed outside Terraform: put it back, or declare it. Declared but not deployed: deploy it.",
    "",
    "| stack | changed outside Terraform | a deploy would | |",
    "| --- | --- | --- | --- |",
    ...found.map((report) => `| ${cells(report).map(inline).join(" | ")} |`),
    "",
  ].join("\n");
  const foot = `\nSensitive values are never shown. Whole plans: ${link}\n`;
  return head + writeBlocks(found.flatMap(blocks), LIMIT - head.length - foot.length, `The rest: ${link}`) + foot;
}

/** Opens the issue, brings the open one up to date, or closes it when there is nothing left to say. */
export async function reportDrift(github: Github, body: string | undefined): Promise<string> {
  const [open] = await github.openIssues(LABEL);
  if (body === undefined) {
    if (open === undefined) return "No drift.";
    await github.addComment(open.number, "Every environment is what main declares again.");
    await github.changeIssue(open.number, { state: "closed" });
    return `No drift any more: issue ${open.number} is closed.`;
  }
  if (open === undefined)
    return `Drift: issue ${await github.openIssue({ title: TITLE, body, labels: [LABEL] })} is open.`;
  await github.changeIssue(open.number, { body });
  return `Drift: issue ${open.number} is up to date.`;
}

/** A plan that failed says nothing of the resources: an operator has to look. */
function differs(report: StackReport): boolean {
  if (report.outcome !== "planned") return true;
  return !isEmpty(report.changes) || report.changes.drift.length > 0;
}

function cells(report: StackReport): readonly string[] {
  if (report.outcome === "failed") return [report.stack, "?", "?", "the plan failed"];
  if (report.outcome === "waiting") {
    return [report.stack, "?", "?", `waits for ${report.needs.map(({ stack }) => stack).join(", ")}`];
  }
  const { changes, compared } = report;
  return [
    report.stack,
    changes.drift.length === 0 ? "nothing" : `${changes.drift.length} resources`,
    tally(changes.resources),
    compared === "all but secrets" ? "looked at without its secrets" : "",
  ];
}

function blocks(report: StackReport): readonly Block[] {
  if (report.outcome === "waiting") return [];
  if (report.outcome === "failed") {
    return [{ title: `The plan of ${report.stack} failed`, text: report.problem, language: "text", open: true }];
  }
  const drift = report.changes.drift.flatMap(changeLines).join("\n");
  const plan = planText(report.changes);
  const title = (what: string) => `<b>${report.stack}</b>: ${what}`;
  return [
    ...(drift === "" ? [] : [{ title: title("changed outside Terraform"), text: drift, language: "diff" as const }]),
    ...(plan === "" ? [] : [{ title: title("what a deploy would do"), text: plan, language: "diff" as const }]),
  ];
}
