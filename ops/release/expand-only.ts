/**
 * Statements that take something away from the version that still serves, or refuse what it writes. Each is right in a
 * later release, when no version that needs the old form can come back.
 */
const CONTRACTIONS: readonly { readonly pattern: RegExp; readonly problem: string }[] = [
  // A check that goes lets more in, which the version before never writes.
  { pattern: /\bDROP\s+(?!INDEX\b|CONSTRAINT\s+(IF\s+EXISTS\s+)?\w+_check\b)\w+/i, problem: "drops something" },
  { pattern: /\bRENAME\b/i, problem: "renames something" },
  { pattern: /\bALTER\s+(COLUMN\s+)?\S+\s+(SET\s+DATA\s+)?TYPE\b/i, problem: "changes the type of a column" },
  { pattern: /\bSET\s+NOT\s+NULL\b/i, problem: "forbids NULL in a column" },
  { pattern: /\bSET\s+SCHEMA\b/i, problem: "moves something to another schema" },
  { pattern: /^TRUNCATE\b/i, problem: "empties a table" },
  { pattern: /^DELETE\b/i, problem: "deletes rows" },
  {
    pattern:
      /\bADD\s+(COLUMN\s+)?(IF\s+NOT\s+EXISTS\s+)?(?!CONSTRAINT\b)\S+\s+(?![^,]*\bDEFAULT\b)[^,]*\bNOT\s+NULL\b/i,
    problem: "adds a column that the version before cannot fill: give it a DEFAULT",
  },
];

/** What in a migration's SQL is not expand-only, with the line of each statement. */
export function contractions(sql: string): readonly string[] {
  return statements(sql).flatMap(({ text, line }) =>
    CONTRACTIONS.filter(({ pattern }) => pattern.test(text)).map(({ problem }) => `${problem} (line ${line})`),
  );
}

/** Comments, quoted names, strings and function bodies: what only looks like SQL in there is none. */
const OPAQUE = /--[^\n]*|\/\*[\s\S]*?\*\/|\$(\w*)\$[\s\S]*?\$\1\$|[eE]?'(?:[^']|'')*'|"(?:[^"]|"")*"/g;

interface Statement {
  readonly text: string;
  /** At which it begins, from 1. */
  readonly line: number;
}

function statements(sql: string): readonly Statement[] {
  const bare = sql.replaceAll(OPAQUE, (hidden) => {
    // A quoted name is still a name; lines keep their numbers.
    const lines = hidden.replaceAll(/[^\n]/g, "");
    return hidden.startsWith("--") || hidden.startsWith("/*") ? ` ${lines}` : `_${lines}`;
  });
  let line = 1;
  return bare.split(";").flatMap((part) => {
    const begins = line + (/^\s*/.exec(part)?.[0].split("\n").length ?? 1) - 1;
    line += part.split("\n").length - 1;
    const text = part.trim();
    return text === "" ? [] : [{ text, line: begins }];
  });
}
