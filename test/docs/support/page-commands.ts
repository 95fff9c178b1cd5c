import { blocksOf, spansOf } from "./markdown";
import { filled } from "./placeholders";
import { commandsIn, functionsIn } from "./shell";
import type { ShellCommand } from "./shell";

/** Programs that begin a span of code which is a command. */
const programs =
  /^(?:[A-Z_]+=\S+ )*(?:npm|npx|cdktf|kubectl|aws|terraform|gh|psql|helm|ops|apt-get|brew|dig|curl|docker|\.local\/\S+) \S/;

/** A command of a page, as it is written there with every placeholder filled in. */
export interface PageCommand extends ShellCommand {
  readonly line: string;
  /** Named among words, where what it takes may be left out. */
  readonly mentioned: boolean;
}

/**
 * Every command of a page: of its blocks of shell (`sh`, or without a language), lines behind `$ ` where a block also shows
 * what is answered, and spans of code that begin with a program.
 */
export function commandsOf(page: string): readonly PageCommand[] {
  const scripts = blocksOf(page).flatMap(scriptsOf);
  const own = new Set(scripts.flatMap(functionsIn));
  const commands = (written: string, mentioned: boolean) =>
    expanded(written)
      .flatMap(commandsIn)
      .filter(({ words: [program = ""] }) => !own.has(program))
      .map((command) => ({ ...command, mentioned, line: command.words.join(" ") }));
  return [
    ...scripts.flatMap((script) => commands(script, false)),
    ...spansOf(page)
      .filter((span) => programs.test(span))
      .flatMap((span) => commands(span, true)),
  ];
}

/** A piece of shell with every placeholder filled in and every alternative taken; each program has some `<command>`. */
export const expanded = (script: string): readonly string[] =>
  alternatives(script.replaceAll("<command>", "--help")).flatMap(filled);

function scriptsOf({ language, text }: ReturnType<typeof blocksOf>[number]): readonly string[] {
  if (language !== "sh" && language !== "") return [];
  const typed = text.split("\n").filter((line) => line.startsWith("$ "));
  return typed.length > 0 ? typed.map((line) => line.slice(2)) : [text];
}

/** `backup|backups` without a space stands for either; with one it is a pipe. */
function alternatives(script: string): readonly string[] {
  const [written] = /(?<![^\s])[\w-]+(?:\|[\w-]+)+(?![^\s])/.exec(script) ?? [];
  if (written === undefined) return [script];
  return written.split("|").flatMap((one) => alternatives(script.replace(written, one)));
}
