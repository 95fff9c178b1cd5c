import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isEmpty } from "../plan/changes";
import type { Changes } from "../plan/changes";

/** What became of planning one stack; nothing in it is secret. */
export type StackReport = { readonly stack: string } & (Planned | Waiting | Failed);

export interface Planned {
  readonly outcome: "planned";
  readonly changes: Changes;
  /** Names the changes: see `digestOf`. */
  readonly digest: string;
  /** Stacks before it whose own changes may change this plan. */
  readonly provisional: readonly string[];
  /** How much was compared with the resources themselves, and not only with the state. */
  readonly compared: "everything" | "all but secrets" | "nothing";
}

/** Cannot be planned before a stack before it is applied. */
export interface Waiting {
  readonly outcome: "waiting";
  /** What it needs of which stack: names of outputs that its state does not have yet. */
  readonly needs: readonly { readonly stack: string; readonly outputs: readonly string[] }[];
}

export interface Failed {
  readonly outcome: "failed";
  /** What Terraform said. */
  readonly problem: string;
}

/** One environment's plans, as every reader of them gets them. */
export interface EnvironmentReport {
  readonly environment: string;
  readonly commit: string;
  /** In the order of planning. */
  readonly stacks: readonly StackReport[];
}

const FILE = "report.json";

export function writeReport(folder: string, report: EnvironmentReport): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, FILE), `${JSON.stringify(report, null, 1)}\n`);
}

/** @throws Error when the folder holds none */
export function readReport(folder: string): EnvironmentReport {
  try {
    return JSON.parse(readFileSync(join(folder, FILE), "utf8")) as EnvironmentReport;
  } catch (error) {
    throw new Error(`${folder} holds no plans; make them first: npm run pipeline -- plan --env <environment>`, {
      cause: error,
    });
  }
}

/** Whether a deploy applies this plan: it is whole, it does something, and no stack before it may change it. */
export function isApplicable(report: StackReport): boolean {
  return (
    report.outcome === "planned" &&
    report.provisional.length === 0 &&
    !isEmpty(report.changes) &&
    !isAdministered(report.stack)
  );
}

/** Whether only an administrator applies a stack: the deploy role cannot change the ground that it stands on. */
export function isAdministered(stack: string): boolean {
  return stack.endsWith("-delivery");
}
