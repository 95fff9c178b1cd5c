import { count } from "../plan/changes";
import type { Change, Kind } from "../plan/changes";
import { planText } from "../plan/render";
import { marker, reviewOf } from "./marker";
import { atMost, code, inline, writeBlocks } from "./markdown";
import type { Block } from "./markdown";
import { isAdministered } from "./report";
import type { EnvironmentReport, Planned, StackReport } from "./report";

/** Characters that GitHub takes in one comment. */
export const COMMENT_LIMIT = 65_536;

export interface CommentOptions {
  /** Characters. @default COMMENT_LIMIT */
  readonly limit?: number;
  /** Where the whole plans are. */
  readonly link: string;
}

/** Losses that are named one by one. */
const MOST_LOSSES = 40;

/** One environment's plans as Markdown: what loses data first, then a table of stacks, then every plan, folded. */
export function environmentComment(report: EnvironmentReport, { limit = COMMENT_LIMIT, link }: CommentOptions): string {
  const whole = `The whole plan: ${link}`;
  const head = [
    marker(reviewOf(report)),
    `## Plan of ${report.environment}`,
    "",
    ...losses(report.stacks),
    ...table(report.stacks),
    "",
  ].join("\n");
  const foot = `\nCommit ${code(report.commit.slice(0, 12))}. Sensitive values are never shown. Whole plans: ${link}\n`;
  const budget = limit - head.length - foot.length;
  return head + writeBlocks(report.stacks.flatMap(blocks), budget, whole) + foot;
}

/** "1 to destroy, 2 to add", the urgent first. */
export function tally(changes: readonly Change[]): string {
  const words = Object.entries(count(changes)).filter(([, number]) => number > 0);
  return words.length === 0 ? "no change" : words.map(([kind, number]) => `${number} to ${kind}`).join(", ");
}

function losses(stacks: readonly StackReport[]): readonly string[] {
  const lines = stacks.flatMap((stack) =>
    changesIn(stack).flatMap(({ kind, address, loses }) =>
      loses === undefined ? [] : [`**${kind} ${code(address)}** in ${stack.stack}: ${inline(loses)}`],
    ),
  );
  if (lines.length === 0) return [];
  const title = `**${lines.length} ${lines.length === 1 ? "resource that holds data is" : "resources that hold data are"} destroyed or replaced**`;
  return ["> [!CAUTION]", `> ${title}`, ">", ...atMost(lines, MOST_LOSSES).map((line) => `> - ${line}`), ""];
}

function table(stacks: readonly StackReport[]): readonly string[] {
  return [
    "| stack | add | change | replace | destroy | remarks |",
    "| --- | ---: | ---: | ---: | ---: | --- |",
    ...stacks.map((report) => {
      const counts = count(changesIn(report));
      const cell = (kind: Kind) => (report.outcome === "planned" ? String(counts[kind]) : "?");
      return `| ${report.stack} | ${cell("add")} | ${cell("change")} | ${cell("replace")} | ${cell("destroy")} | ${inline(remarks(report).join("; "))} |`;
    }),
  ];
}

function remarks(report: StackReport): readonly string[] {
  if (report.outcome === "failed") return ["**the plan failed**"];
  if (report.outcome === "waiting") {
    return report.needs.map(
      ({ stack, outputs }) =>
        `cannot be planned before ${stack} is applied: it needs ${atMost(outputs.map(code), 3).join(", ")}`,
    );
  }
  const { changes, provisional, compared, stack } = report;
  const counts = count(changes.resources);
  const more = (["adopt", "forget", "move"] as const).filter((kind) => counts[kind] > 0);
  return [
    ...more.map((kind) => `${counts[kind]} to ${kind}`),
    ...(changes.outputs.length > 0 ? [`outputs that change: ${changes.outputs.length}`] : []),
    ...provisional.map((upstream) => `may change when ${upstream} is applied; a deploy plans it again`),
    ...(isAdministered(stack) && (changes.resources.length > 0 || changes.outputs.length > 0)
      ? ["an administrator applies it"]
      : []),
    ...(compared === "nothing" ? ["compared with its state only, since a refresh would read secrets"] : []),
  ];
}

function blocks(report: StackReport): readonly Block[] {
  if (report.outcome === "waiting") return [];
  if (report.outcome === "failed") {
    return [{ title: `The plan of ${report.stack} failed`, text: report.problem, language: "text", open: true }];
  }
  const text = planText(report.changes);
  if (text === "") return [];
  return [{ title: summaryLine(report), text, language: "diff" }];
}

const summaryLine = (report: { readonly stack: string } & Planned) =>
  `<b>${report.stack}</b>: ${tally(report.changes.resources)} (${report.digest.slice(0, 12)})`;

const changesIn = (report: StackReport) => (report.outcome === "planned" ? report.changes.resources : []);
