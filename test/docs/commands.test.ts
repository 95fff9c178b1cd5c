import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough, Writable } from "node:stream";
import { commands } from "../../ops/commands";
import { exitCodes, refused } from "../../ops/core/outcome";
import { run } from "../../ops/program";

/** Stands for a shell's variables. */
const values: Readonly<Record<string, string>> = {
  '"$image"': `000000000000.dkr.ecr.us-east-1.amazonaws.com/bist-trading/app@sha256:${"0".repeat(64)}`,
  '"$dump"': "bist_trading_backup_20261123_003000",
};

/** The operator's commands in a page's blocks of shell. */
function linesOf(page: string): readonly string[] {
  const text = readFileSync(join(__dirname, "../..", page), "utf8");
  const blocks = [...text.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block = ""]) => block);
  return [...blocks.join("\n").matchAll(/npm run (?:--silent )?ops -- ([^#|)\n]+)/g)].map(([, line = ""]) =>
    line.trim(),
  );
}

/** How the program ends when nothing but the command line is looked at: refused, unless that is wrong. */
async function codeOf(line: string): Promise<readonly [number, string]> {
  let told = "";
  const stderr = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      told += chunk.toString();
      done();
    },
  });
  const code = await run(
    line.split(/\s+/).map((word) => values[word] ?? word),
    {
      commands,
      clock: { now: () => new Date(0), sleep: () => Promise.resolve() },
      root: process.cwd(),
      stdout: new PassThrough(),
      stderr,
      prepare: () => {
        throw refused("The command line is understood");
      },
    },
  );
  return [code, told.trim()];
}

describe.each([
  ["README.md", 2],
  ["docs/operations.md", 13],
])("%s", (page, least) => {
  test("shows commands", () => {
    expect(linesOf(page).length).toBeGreaterThanOrEqual(least);
  });

  test.each(linesOf(page))("shows %s as the program takes it", async (line) => {
    expect(await codeOf(line)).toEqual([exitCodes.refused.code, "The command line is understood"]);
  });
});
