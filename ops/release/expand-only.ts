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

/** Changes of a table that is in use which read or rewrite all of it while nobody else may write to it. */
const LONG_LOCKS: readonly { readonly pattern: RegExp; readonly problem: string }[] = [
  {
    pattern: /\bADD\s+(CONSTRAINT\s+\S+\s+)?(CHECK|FOREIGN\s+KEY)\b(?![\s\S]*\bNOT\s+VALID\b)/i,
    problem: "checks every row under a lock: add the constraint NOT VALID, and VALIDATE it in the next migration",
  },
  {
    pattern: /\bADD\s+(COLUMN\s+)?(?!CONSTRAINT\b|CHECK\b|FOREIGN\b)[^,]*\b(CHECK|REFERENCES)\b/i,
    problem:
      "checks every row under a lock: add the column, its constraint NOT VALID, and VALIDATE in the next migration",
  },
  {
    pattern: /\bADD\s+[^,]*\b(UNIQUE|PRIMARY\s+KEY|EXCLUDE)\b(?!\s+USING\s+INDEX\b)/i,
    problem: "builds an index under a lock",
  },
  {
    pattern:
      /\bADD\s+[^,]*(\bGENERATED\b|\b(small|big)?serial\b|\bDEFAULT\s+(gen_random_uuid|random|clock_timestamp|nextval)\b)/i,
    problem: "rewrites the table under a lock: add the column without a value for each row, and fill it in batches",
  },
];

/** An index of a table that is in use: no one may write to that while it is built, but concurrently. */
function indexProblem(text: string, made: ReadonlySet<string>, isAlone: boolean): readonly string[] {
  const [, concurrently, name, table = ""] = INDEXED.exec(text) ?? [];
  if (table === "" || made.has(table)) return [];
  if (concurrently === undefined)
    return ["builds an index under a lock: CREATE INDEX CONCURRENTLY, in its own migration"];
  if (name === undefined) return ["builds an index without a name, so that half of one could not be found again"];
  return isAlone ? [] : ["builds an index beside something else: give it its own migration, which has no transaction"];
}

/**
 * What in a migration's SQL keeps a table that is in use locked for as long as its rows take, with the line of each
 * statement. Tables that the migration makes itself are nobody's yet.
 */
export function longLocks(sql: string): readonly string[] {
  const all = statements(sql);
  const made = new Set(all.flatMap(({ text }) => CREATED.exec(text)?.[1] ?? []));
  const added = new Set(all.flatMap(({ text }) => [...text.matchAll(ADDED)].map(([, name]) => name)));
  const ofIndexes = all.flatMap(({ text, line }) =>
    indexProblem(text, made, all.length === 1).map((problem) => `${problem} (line ${line})`),
  );
  const ofTables = all.flatMap(({ text, line }) => {
    const [, table] = ALTERED.exec(text) ?? [];
    if (table === undefined || made.has(table)) return [];
    const [, validated] = /\bVALIDATE\s+CONSTRAINT\s+(\w+)/i.exec(text) ?? [];
    const found = LONG_LOCKS.filter(({ pattern }) => pattern.test(text)).map(({ problem }) => problem);
    const late = validated !== undefined && added.has(validated);
    return [
      ...found,
      ...(late ? ["validates what it adds in one transaction: VALIDATE in the next migration"] : []),
    ].map((problem) => `${problem} (line ${line})`);
  });
  return [...ofTables, ...ofIndexes];
}

const CREATED = /^CREATE\s+(?:UNLOGGED\s+)?TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?([\w.]+)/i;
const ALTERED = /^ALTER\s+TABLE\s+(?:IF\s+EXISTS\s+)?(?:ONLY\s+)?([\w.]+)/i;
const INDEXED =
  /^CREATE\s+(?:UNIQUE\s+)?INDEX\s+(CONCURRENTLY\s+)?(?:(?:IF\s+NOT\s+EXISTS\s+)?(?!ON\s)(\w+)\s+)?ON\s+(?:ONLY\s+)?([\w.]+)/i;
const ADDED = /\bADD\s+CONSTRAINT\s+(\w+)/gi;

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
