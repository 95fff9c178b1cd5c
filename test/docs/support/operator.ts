import { PassThrough, Writable } from "node:stream";
import { commands } from "../../../ops/commands";
import { exitCodes, refused } from "../../../ops/core/outcome";
import { run } from "../../../ops/program";
import { withVariables } from "./placeholders";

const UNDERSTOOD = "The command line is understood";

/** What the operator's tool has against a command line, by nothing but its words. `…` stands for more of them. */
export async function problemsOfOps(words: readonly string[], mentioned = false): Promise<readonly string[]> {
  if (words.includes("--help") || (mentioned && isName(words))) return [];
  const left = words.findIndex((word) => word.includes("…"));
  if (left !== -1) {
    const begun = words.slice(0, left);
    return isName(begun) ? [] : [`there is no ${begun.join(" ")}`];
  }
  let said = "";
  const stderr = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      said += chunk.toString();
      done();
    },
  });
  const code = await run(words.map(withVariables), {
    commands,
    clock: { now: () => new Date(0), sleep: () => Promise.resolve() },
    root: process.cwd(),
    stdout: new PassThrough(),
    stderr,
    prepare: () => {
      throw refused(UNDERSTOOD);
    },
  });
  return code === exitCodes.refused.code && said.trim() === UNDERSTOOD ? [] : [said.trim()];
}

/** Whether words are the name of a command or of a group of them, or none at all. */
function isName(words: readonly string[]): boolean {
  const said = words.join(" ");
  return commands.some(({ name }) => said === "" || name === said || name.startsWith(`${said} `));
}

/** Whether words begin with the name of a command that has several, such as `restore dump`. */
export function namesCommand(words: readonly string[]): boolean {
  const [group = ""] = words;
  return words.length > 1 && commands.some(({ name }) => name === group || name.startsWith(`${group} `));
}

/** The same of a command that a page names without the tool, and mostly without an environment. */
export async function problemsOfMention(words: readonly string[]): Promise<readonly string[]> {
  return isName(words) ? [] : problemsOfOps(words.includes("--env") ? words : [...words, "--env", "staging"]);
}
