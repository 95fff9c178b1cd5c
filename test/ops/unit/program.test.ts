import { Writable } from "node:stream";
import { commands } from "../../../ops/commands";
import type { Clock } from "../../../ops/core/clock";
import { operation } from "../../../ops/core/command";
import type { Command } from "../../../ops/core/command";
import { exitCodes, Unreachable } from "../../../ops/core/outcome";
import { progressOn } from "../../../ops/core/progress";
import type { Platform } from "../../../ops/platform";
import { run } from "../../../ops/program";
import { memoryRecords } from "../support/memory-records";

const clock: Clock = { now: () => new Date("2026-11-23T10:00:00Z"), sleep: () => Promise.resolve() };

function collector(more: { isTTY?: boolean; columns?: number } = {}) {
  const texts: string[] = [];
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      texts.push(chunk.toString());
      done();
    },
  });
  return { stream: Object.assign(stream, more), text: () => texts.join("") };
}

/** @param unwritable part of what cannot be written into the journal */
async function ops(args: readonly string[], table: readonly Command[] = commands, unwritable?: string) {
  const [out, err] = [collector(), collector()];
  const platform = { operator: () => Promise.resolve("arn:aws:iam::0:user/somebody") } as unknown as Platform;
  const code = await run(args, {
    commands: table,
    clock,
    root: process.cwd(),
    stdout: out.stream,
    stderr: err.stream,
    prepare: () => ({ platform, records: memoryRecords(unwritable) }),
  });
  return { code, out: out.text(), err: err.text() };
}

/** An operation whose steps say what they do, one of which may fail. */
function steps(ran: string[], failing: string | undefined, finalFrom?: string): Command {
  const step = (name: string) => ({
    name,
    description: `does ${name}`,
    final: finalFrom !== undefined && name >= finalFrom,
    run: () => {
      ran.push(name);
      return name === failing ? Promise.reject(new Error("it broke")) : Promise.resolve(undefined);
    },
    undo: () => {
      ran.push(`undo ${name}`);
      return Promise.resolve();
    },
  });
  return operation<object, object>({
    name: "count",
    summary: "Counts",
    explanation: "One, two, three.",
    examples: [],
    plan: () => Promise.resolve({}),
    steps: () => ["1", "2", "3"].map(step),
    answer: () => ({ lines: ["counted"], data: 3 }),
  });
}

describe("the tool", () => {
  test("tells every exit code, and every command's examples, in its help", async () => {
    const { code, out } = await ops(["--help"]);
    expect(code).toBe(0);
    for (const { code: number, means } of Object.values(exitCodes)) expect(out).toContain(`  ${number}  ${means}`);
    for (const { name, examples } of commands) {
      const help = (await ops([...name.split(" "), "--help"])).out;
      expect(examples.length).toBeGreaterThan(0);
      for (const { line } of examples) {
        expect(help).toContain(`npm run ops -- ${line}`);
        expect(line).toMatch(new RegExp(`^${name} .*--env `));
      }
    }
  });

  test("has a dry run for everything that changes something", () => {
    const changing = commands.filter(({ kind }) => kind !== "query").map(({ name }) => name);
    expect(changing).toEqual(expect.arrayContaining(["release", "rollback", "maintenance scale", "operation undo"]));
    return Promise.all(
      changing.map(async (name) => {
        expect((await ops([...name.split(" "), "--help"])).out).toContain("--dry-run");
      }),
    );
  });

  test.each([
    [["status"], /required option '--env <environment>' not specified/],
    [["status", "--env", "productoin"], /Allowed choices are production, staging, local/],
    [["releese", "--env", "local"], /unknown command 'releese'/],
    [["smoke", "--env", "local", "--colour", "red"], /Allowed choices are blue, green/],
  ])("refuses %j", async (args, words) => {
    const { code, err } = await ops(args);
    expect([code, err]).toEqual([2, expect.stringMatching(words)]);
  });

  test("changes production only with its name given twice", async () => {
    const ran: string[] = [];
    const table = [steps(ran, undefined)];
    const without = await ops(["count", "--env", "production"], table);
    expect([without.code, without.err]).toEqual([3, expect.stringContaining("add --confirm production")]);
    expect((await ops(["count", "--env", "production", "--confirm", "staging"], table)).code).toBe(3);
    expect(ran).toEqual([]);
    expect((await ops(["count", "--env", "production", "--confirm", "production"], table)).code).toBe(0);
    expect((await ops(["count", "--env", "staging"], table)).code).toBe(0);
    expect(ran).toEqual(["1", "2", "3", "1", "2", "3"]);
  });

  test("takes back what was done, the last first, and what had only been begun", async () => {
    const ran: string[] = [];
    const { code, err } = await ops(["count", "--env", "local"], [steps(ran, "2")]);
    expect(ran).toEqual(["1", "2", "undo 2", "undo 1"]);
    expect([code, err]).toEqual([5, expect.stringContaining('"2" failed: it broke. Everything is as it was before.')]);
  });

  test("says that nothing was changed when it cannot look at what it would change", async () => {
    const deaf = { ...steps([], undefined), plan: () => Promise.reject(new Unreachable("the API does not answer")) };
    const { code, err } = await ops(["count", "--env", "local"], [deaf]);
    expect([code, err]).toEqual([3, "the API does not answer. Nothing was changed\n"]);
  });

  test("leaves the operation to the next start when the journal cannot be written", async () => {
    const ran: string[] = [];
    const { code, err } = await ops(["count", "--env", "local"], [steps(ran, undefined)], '"current":"2"');
    expect([code, ran]).toEqual([6, ["1"]]);
    expect(err).toContain("The journal could not be written; the same command again goes on");
  });

  test("does not go back from where there is no way back", async () => {
    const ran: string[] = [];
    const { code, err } = await ops(["count", "--env", "local"], [steps(ran, "3", "2")]);
    expect(ran).toEqual(["1", "2", "3"]);
    expect([code, err]).toEqual([6, expect.stringContaining("The same command again goes on from there")]);
  });

  test("lists the steps in a dry run, and takes none", async () => {
    const ran: string[] = [];
    const { code, out } = await ops(["count", "--env", "local", "--dry-run"], [steps(ran, undefined, "3")]);
    expect([code, ran]).toEqual([0, []]);
    expect(out).toContain("2. does 2 (undone on failure)\n  3. does 3 (no way back from here)");
  });

  test("answers in JSON when asked to, failures too", async () => {
    const good = await ops(["count", "--env", "local", "--json"], [steps([], undefined)]);
    expect(JSON.parse(good.out)).toEqual({ command: "count", environment: "local", outcome: "done", answer: 3 });
    const bad = await ops(["count", "--env", "local", "--json"], [steps([], "1")]);
    expect(JSON.parse(bad.out)).toMatchObject({
      outcome: "undone",
      reason: expect.stringContaining("it broke") as string,
    });
  });
});

describe("progress", () => {
  test("is a line for each thing that happens, where nothing can be drawn over", () => {
    const { stream, text } = collector();
    const progress = progressOn(stream, clock);
    progress.begin("scale up");
    progress.note("1 of 3");
    progress.end("done", "3 of 3");
    expect(text()).toBe("scale up ...\n  1 of 3\n✔ scale up: 3 of 3 (0s)\n");
  });

  test("is one line, drawn again, on a terminal, and no wider than it", () => {
    const { stream, text } = collector({ isTTY: true, columns: 20 });
    const progress = progressOn(stream, clock);
    progress.begin("a step with a long name");
    progress.end("failed");
    expect(text()).toContain("\r\u001b[K▸ a step with a lon…");
    expect(text()).toContain("✘ a step with a long name (0s)\n");
  });
});
