/** One program's start in a piece of shell. */
export interface ShellCommand {
  /** Program and arguments, without quotes. */
  readonly words: readonly string[];
  /** Names of the variables that are set for it, or by it alone. */
  readonly variables: readonly string[];
  /** Where it stands behind a pipe: what writes into it. */
  readonly from?: ShellCommand;
}

const keywords = new Set(["until", "while", "if", "then", "do", "else", "{", "!", "done", "fi", "}"]);
const assignment = /^([A-Za-z_]\w*)=/;

/** Every command of a piece of shell as these pages write it: quotes, comments, pipes, lists, `$(...)`, functions. */
export function commandsIn(script: string): readonly ShellCommand[] {
  const found: ShellCommand[] = [];
  let words: string[] = [];
  let word: string | undefined;
  let piped: ShellCommand | undefined;

  const endWord = () => {
    if (word !== undefined) words.push(word);
    word = undefined;
  };
  const endCommand = (pipe = false) => {
    endWord();
    while (keywords.has(words[0] ?? "") || (words[0] ?? "").endsWith("()")) words.shift();
    const variables: string[] = [];
    for (let name = assignment.exec(words[0] ?? ""); name !== null; name = assignment.exec(words[0] ?? "")) {
      variables.push(name[1] ?? "");
      words.shift();
    }
    const command = { words, variables, ...(piped === undefined ? {} : { from: piped }) };
    if (words.length > 0 || variables.length > 0) found.push(command);
    piped = pipe ? command : undefined;
    words = [];
  };
  /** Reads `$(...)` at an index. @returns the index behind it */
  const substitution = (from: number): number => {
    let depth = 0;
    let at = from + 1;
    do {
      if (script[at] === "(") depth += 1;
      if (script[at] === ")") depth -= 1;
      at += 1;
    } while (depth > 0 && at < script.length);
    found.push(...commandsIn(script.slice(from + 2, at - 1)));
    word = `${word ?? ""}${script.slice(from, at)}`;
    return at;
  };

  for (let at = 0; at < script.length;) {
    const rest = script.slice(at);
    const [one = ""] = rest;
    if (rest.startsWith("\\\n")) {
      endWord();
      at += 2;
    } else if (rest.startsWith("$(")) {
      at = substitution(at);
    } else if (one === "'") {
      const end = script.indexOf("'", at + 1);
      word = `${word ?? ""}${script.slice(at + 1, end)}`;
      at = end + 1;
    } else if (one === '"') {
      word ??= "";
      at += 1;
      while (at < script.length && script[at] !== '"') {
        if (script.startsWith("$(", at)) at = substitution(at);
        else {
          if (script[at] === "\\") at += 1;
          word += script[at] ?? "";
          at += 1;
        }
      }
      at += 1;
    } else if (one === "#" && word === undefined) {
      const end = script.indexOf("\n", at);
      at = end === -1 ? script.length : end;
    } else if (rest.startsWith("&&") || rest.startsWith("||")) {
      endCommand();
      at += 2;
    } else if (one === "|") {
      endCommand(true);
      at += 1;
    } else if (one === "\n" || one === ";") {
      endCommand();
      at += 1;
    } else if (/\s/.test(one)) {
      endWord();
      at += 1;
    } else {
      word = `${word ?? ""}${one}`;
      at += 1;
    }
  }
  endCommand();
  return found;
}

/** Names of the functions that a piece of shell defines. */
export function functionsIn(script: string): readonly string[] {
  return [...script.matchAll(/^(\w+)\(\) *\{/gm)].map(([, name = ""]) => name);
}
