import { Command as Program, CommanderError, Option } from "commander";
import { environment as environmentCalled, environmentNames } from "../config";
import type { Environment } from "../config";
import { AuditTrail } from "./core/audit";
import type { Clock } from "./core/clock";
import type { Answer, Command, Input, Operation } from "./core/command";
import type { Context } from "./core/context";
import { OperationError, asOperationError, exitCodes, messageOf, refused } from "./core/outcome";
import type { Outcome } from "./core/outcome";
import { progressOn } from "./core/progress";
import type { Records } from "./core/records";
import { runAction } from "./core/run-action";
import { runOperation } from "./core/run-operation";
import type { Platform } from "./platform";

/** What the program runs with: given by the process, or by a test. */
export interface Runtime {
  readonly commands: readonly Command[];
  readonly clock: Clock;
  /** The project's folder. */
  readonly root: string;
  /** For answers. */
  readonly stdout: NodeJS.WritableStream;
  /** For progress and errors. */
  readonly stderr: NodeJS.WritableStream;
  /** An environment as this machine reaches it. */
  readonly prepare: (environment: Environment) => { readonly platform: Platform; readonly records: Records };
}

interface Globals {
  readonly env: string;
  readonly json: boolean;
  readonly dryRun?: boolean;
  readonly confirm?: string;
}

/** Runs one command line. @returns the exit code */
export async function run(args: readonly string[], runtime: Runtime): Promise<number> {
  let code: number = exitCodes.done.code;
  const program = programOf(runtime, async (command, globals, input) => {
    code = exitCodes[await perform(command, globals, input, runtime)].code;
  });
  try {
    await program.parseAsync(args, { from: "user" });
    return code;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Commander has said what is wrong; help that was asked for ends with 0.
    return error.exitCode === 0 ? exitCodes.done.code : exitCodes.usage.code;
  }
}

type Perform = (command: Command, globals: Globals, input: Input) => Promise<void>;

function programOf({ commands, stdout, stderr }: Runtime, perform: Perform): Program {
  const program = new Program("ops")
    .usage("<command> --env <environment>")
    .description("Operates an environment of the platform: releases, roll-backs, maintenance, and a look at its state.")
    .configureOutput({ writeOut: (text) => stdout.write(text), writeErr: (text) => stderr.write(text) })
    .showHelpAfterError("Add --help to see what it takes.")
    .addHelpText("after", `\nExit codes:\n${exitCodeLines()}\n\nThe runbooks are in docs/runbooks/.`)
    .exitOverride();
  const groups = new Map<string, Program>([["", program]]);
  for (const command of commands) {
    const words = command.name.split(" ");
    const last = words.pop() ?? "";
    groupOf(words.join(" "), program, groups).addCommand(subcommand(command, last, perform));
  }
  inherit(program);
  return program;
}

function groupOf(name: string, program: Program, groups: Map<string, Program>): Program {
  const found = groups.get(name);
  if (found !== undefined) return found;
  const group = program.command(name).description(`Commands of ${name}; see "ops ${name} --help"`);
  groups.set(name, group);
  return group;
}

function subcommand(command: Command, name: string, perform: Perform): Program {
  const sub = new Program(name).summary(command.summary).description(`${command.summary}\n\n${command.explanation}`);
  for (const argument of command.arguments ?? []) sub.addArgument(argument);
  const choices = environmentNames.join(", ");
  sub.addOption(new Option("--env <environment>", `one of ${choices}`).choices(environmentNames).makeOptionMandatory());
  for (const option of command.options ?? []) sub.addOption(option);
  sub.option("--json", "answer in JSON, for scripts", false);
  if (command.kind !== "query") {
    sub.option("--dry-run", "check everything, show what would be done, and change nothing", false);
    sub.option("--confirm <environment>", "name of the environment once more, where it asks for that");
  }
  const examples = command.examples.map(({ line, description }) => `  npm run ops -- ${line}\n      ${description}`);
  sub.addHelpText("after", `\nExamples:\n${examples.join("\n")}`);
  sub.action(async (...all: unknown[]) => {
    const names = (command.arguments ?? []).map((argument) => argument.name());
    const given = Object.fromEntries(names.map((key, index) => [key, all[index]]));
    const { env, json, dryRun, confirm, ...options } = sub.opts<Globals & Input>();
    await perform(command, { env, json, dryRun, confirm }, { ...given, ...options });
  });
  return sub;
}

/** Settings of the program that commander does not hand down to commands that were made apart from it. */
function inherit(program: Program): void {
  for (const sub of program.commands) {
    sub.copyInheritedSettings(program);
    inherit(sub);
  }
}

async function perform(
  command: Command,
  globals: Globals,
  input: Input,
  { commands, clock, root, stdout, stderr, prepare }: Runtime,
): Promise<Outcome> {
  const progress = progressOn(stderr, clock);
  const printJson = (answer: object) => stdout.write(`${JSON.stringify(answer)}\n`);
  try {
    const environment = environmentCalled(globals.env);
    const { platform, records } = prepare(environment);
    const pause = (milliseconds: number) => clock.sleep(milliseconds);
    const context: Context = { environment, root, platform, records, clock, progress, pause };
    const { healthy = true, lines, data } = await answerOf(command, globals, input, context, commands);
    progress.close();
    const outcome = healthy ? "done" : "unhealthy";
    if (globals.json) printJson({ command: command.name, environment: globals.env, outcome, answer: data });
    else stdout.write(`${lines.join("\n")}\n`);
    return outcome;
  } catch (error) {
    progress.close();
    const outcome = error instanceof OperationError ? error.outcome : "broken";
    if (globals.json) printJson({ command: command.name, environment: globals.env, outcome, reason: messageOf(error) });
    const shown = error instanceof OperationError ? error.message : describeFault(error);
    stderr.write(`${shown}\n`);
    return outcome;
  }
}

async function answerOf(
  command: Command,
  globals: Globals,
  input: Input,
  context: Context,
  commands: readonly Command[],
): Promise<Answer> {
  const operator = await context.platform.operator();
  const nothing = asOperationError("refused", "Nothing was changed");
  if (command.kind === "query") return command.answer(context, input).catch(nothing);
  const operations = commands.filter((one) => one.kind === "operation");
  if (globals.dryRun === true) {
    if (command.kind === "operation") return dryRun(command, input, context).catch(nothing);
    const lines =
      command.kind === "action"
        ? command.preview(await command.plan(context, input).catch(nothing))
        : await command.preview(context, operations);
    return { lines: ["A dry run: nothing was changed. It would", ...lines], data: { steps: lines } };
  }
  requireConfirmation(globals, context.environment);
  const audit = new AuditTrail(context.records, context.clock, operator);
  switch (command.kind) {
    case "operation":
      return runOperation(command, input, context, audit, operator);
    case "action":
      return runAction(command, input, context, audit);
    case "intervention":
      return command.intervene(context, operations, audit);
  }
}

async function dryRun(command: Operation, input: Input, context: Context): Promise<Answer> {
  const plan = await command.plan(context, input);
  const steps = command.steps(plan, context);
  const lines = steps.map((step, index) => {
    const undone = step.undo === undefined ? "" : " (undone on failure)";
    return `  ${index + 1}. ${step.description}${step.final === true ? " (no way back from here)" : undone}`;
  });
  return {
    lines: ["A dry run: nothing was changed. It would", ...lines],
    data: { plan, steps: steps.map(({ name, description }) => ({ name, description })) },
  };
}

function requireConfirmation({ confirm }: Globals, { name, operators }: Environment): void {
  if (!operators.confirmByName || confirm === name) return;
  const given = confirm === undefined ? "" : `, not "${confirm}"`;
  throw refused(`${name} is changed only with its name given twice: add --confirm ${name}${given}`);
}

/** A fault of the program is of use only with its place. */
function describeFault(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function exitCodeLines(): string {
  return Object.values(exitCodes)
    .map(({ code, means }) => `  ${code}  ${means}`)
    .join("\n");
}
