import { spawn } from "node:child_process";
import { unlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { build } from "esbuild";
import { colours } from "../../../config/schema/release-state";
import { currentJournal } from "../../../ops/core/lease";
import { LEASE_MS } from "../../../ops/core/journal";
import { describeWhere } from "../../support/skip";
import { FakeApplication } from "../support/application";
import { Harness } from "../support/harness";
import { worldMissing } from "../support/world";

jest.setTimeout(30 * 60_000);

interface Scenario {
  readonly name: string;
  readonly line: (harness: Harness, round: number) => Promise<string> | string;
  /** What each round needs before it. @default nothing */
  readonly prepare?: (harness: Harness, round: number) => Promise<unknown>;
  /** Makes the command fail by what the smoke test sees; it is killed while it goes back. @default false */
  readonly fails?: boolean;
}

/** Two images by turns: each round has something to change. */
const image = (harness: Harness, round: number) => harness.image(round % 2 === 0 ? "second" : "third");

const release = async (harness: Harness, round: number) =>
  `release ${await image(harness, round)} --weights 100 --soak 0`;

const scenarios: readonly Scenario[] = [
  { name: "release", line: release },
  { name: "release that fails", line: release, fails: true },
  {
    name: "rollback",
    line: () => "rollback --soak 0",
    prepare: async (harness, round) => harness.ops(`${await release(harness, round)} --keep-previous`),
  },
  { name: "maintenance scale", line: (_, round) => `maintenance scale market-data=${4 + (round % 2)}` },
  { name: "maintenance update", line: async (harness, round) => `maintenance update ${await image(harness, round)}` },
];

describeWhere(worldMissing(), "killed at any point and started again,", () => {
  const application = new FakeApplication();
  const program = join(process.cwd(), ".cache", "test", `killed-program-${process.pid}.cjs`);
  let harness: Harness;
  let address: string;

  beforeAll(async () => {
    address = await application.listen();
    harness = new Harness(address);
    await build({
      entryPoints: [join(__dirname, "../support/killed-program.ts")],
      outfile: program,
      bundle: true,
      platform: "node",
      format: "cjs",
      target: "node24",
      logLevel: "error",
    });
  });
  afterAll(async () => {
    await application.close();
    unlinkSync(program);
  });

  /** Runs the tool in its own process. Returns the changes that it came to make. */
  async function runKilled(
    line: string,
    killAt?: number,
  ): Promise<{ readonly points: string[]; readonly killed: boolean }> {
    const args = [program, line, address, String(harness.clock.now().getTime()), ...(killAt ? [String(killAt)] : [])];
    // The clients of AWS and Kubernetes are much to compile, a hundred times over.
    const env = { ...process.env, NODE_COMPILE_CACHE: join(dirname(program), "compiled") };
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "ignore"], env });
    let out = "";
    child.stdout.on("data", (text: Buffer) => (out += text.toString()));
    const signal = await new Promise<NodeJS.Signals | null>((resolve) => {
      child.once("close", (_code, by) => {
        resolve(by);
      });
    });
    return { points: out.trim().split("\n"), killed: signal === "SIGKILL" };
  }

  test.each(scenarios)("a $name comes to a good end", async ({ line, prepare, fails = false }) => {
    application.broken = undefined;
    await harness.reset();
    const begin = async (round: number) => {
      await prepare?.(harness, round);
      application.broken = fails ? "/api/v1/symbols" : undefined;
      return line(harness, round);
    };
    // The first time the database is new, which is put on record once.
    await harness.ops(await begin(0));
    const { points } = await runKilled(await begin(1));
    const moments = momentsOf(points, fails);
    expect(moments.length).toBeGreaterThan(10);

    for (const [index, moment] of moments.entries()) {
      const typed = await begin(index + 2);
      const where = `killed after ${moment}: ${points[moment - 1] ?? ""}`;
      expect([where, (await runKilled(typed, moment)).killed]).toEqual([where, true]);
      harness.clock.pass(LEASE_MS);
      const { answer, told } = await harness.ops(typed);
      // Killed after its very last entry it has been done, and says so when it is asked for again.
      const good = fails ? ["undone"] : moment === moments.at(-1) ? ["done", "refused"] : ["done"];
      expect([where, told, good]).toEqual([where, told, expect.arrayContaining([answer.outcome])]);
      expect([where, told, await disorder(harness)]).toEqual([where, told, []]);
    }
  });
});

/**
 * Numbers of the changes to be killed after: every entry of the journal, and every change of the platform but those
 * between the first and the last of a kind.
 */
function momentsOf(points: readonly string[], goingBack: boolean): readonly number[] {
  const from = goingBack ? points.findIndex((point) => point.includes("turned-back")) : 0;
  return points.flatMap((point, index) => {
    const between = points[index - 1] === point && points[index + 1] === point;
    return index < from || between ? [] : [index + 1];
  });
}

/** Where release parameter, weights, pods, page and journal do not agree. */
async function disorder(harness: Harness): Promise<readonly string[]> {
  const state = await harness.platform.release.read();
  const weights = await harness.platform.loadBalancer.weights();
  const first = await harness.image("first");
  const wrongPods = Object.entries(harness.pods()).filter(([name, { wanted, image: running }]) => {
    const colour = colours.find((one) => name.endsWith(one)) ?? "blue";
    const released = state.images[colour] === "" ? first : state.images[colour];
    return wanted > 0 !== (colour === state.live) || running !== released;
  });
  const found = await currentJournal(harness.records);
  return [
    ...(state.standby === true ? ["a colour stands by"] : []),
    ...(state.weights[state.live] === 100 ? [] : [`${state.live} is live with ${state.weights[state.live]} %`]),
    ...(weights.length === 1 && weights[0]?.blue === state.weights.blue ? [] : [`weights ${JSON.stringify(weights)}`]),
    ...wrongPods.map(([name, pods]) => `${name} ${JSON.stringify(pods)}`),
    ...((await harness.platform.loadBalancer.isClosed()) ? ["the page is on"] : []),
    ...(found?.journal.ended === undefined ? ["the operation has not ended"] : []),
  ];
}
