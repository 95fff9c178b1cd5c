import "../../support/fast-stacks";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Writable } from "node:stream";
import { App } from "cdktf";
import { type Environment, environment } from "../../../config";
import { deploy } from "../../../local/deploy/deploy";
import { awsStacks } from "../../../local/deploy/stacks";
import { awsProvider } from "../../../local/terraform/requirements";
import { findTerraform } from "../../../local/terraform/terraform";
import { environmentStacks } from "../../../stacks/environment-stacks";
import { emulatorMissing, startEmulator, type TestEmulator } from "../../support/emulator";
import { plannedChanges } from "../../support/planned-changes";
import { describeWhere } from "../../support/skip";
import { temporaryFolder, terraform, terraformMissing } from "../../support/terraform";
import { inventory } from "./inventory";

/** Most of it is the provider's own waiting; a machine busy with other suites needs the rest. */
jest.setTimeout(20 * 60_000);

describeWhere(emulatorMissing() ?? terraformMissing(), "the AWS stacks of local", () => {
  const local = environment("local");
  let root: string;
  let emulator: TestEmulator;

  beforeAll(async () => {
    root = temporaryFolder("deploy");
    emulator = await startEmulator({ stateFolder: join(root, "emulator") });
    synthesize(local);
  });

  afterAll(async () => {
    await emulator.stop();
    rmSync(root, { recursive: true });
  });

  const output = () => join(root, "cdktf.out");
  const stacks = () => awsStacks(output(), "local");
  const folder = (id: string) => join(output(), "stacks", id);
  const variables = () => ({ variables: { emulator_endpoint: emulator.endpoint } });

  /** The stacks' relative paths lead to states below this root. */
  function synthesize(changed: Environment): void {
    mkdirSync(output(), { recursive: true });
    const app = new App({ outdir: output() });
    environmentStacks(app, changed);
    app.synth();
  }

  async function deployAll(): Promise<Readonly<Record<string, number>>> {
    const applied = await deploy(stacks(), {
      terraform: findTerraform([awsProvider()]),
      endpoint: emulator.endpoint,
      output: new Writable({
        write: (_chunk, _encoding, done) => {
          done();
        },
      }),
      interrupt: new AbortController().signal,
      runsFolder: join(root, "runs"),
    });
    return Object.fromEntries([...applied].map(([id, { changes }]) => [id, changes]));
  }

  test("come up, all of them", async () => {
    const changes = await deployAll();
    expect(Object.keys(changes).sort()).toEqual(
      stacks()
        .map(({ id }) => id)
        .sort(),
    );
    for (const [id, count] of Object.entries(changes)) expect([id, count > 0]).toEqual([id, true]);
    const held = await inventory(emulator.endpoint);
    expect([...held].filter(([, names]) => names.length === 0)).toEqual([]);
  });

  test("are left alone by a second deploy", async () => {
    const changes = await deployAll();
    expect(Object.entries(changes).filter(([, count]) => count > 0)).toEqual([]);
  });

  test("change where one value changes, and nowhere else", async () => {
    synthesize({
      ...local,
      database: { ...local.database, backupRetentionDays: local.database.backupRetentionDays + 1 },
    });
    const plans = await Promise.all(stacks().map(({ id }) => plannedChanges(folder(id), variables())));
    expect(plans.flat()).toEqual([
      {
        address: expect.stringMatching(/^aws_db_instance\./) as string,
        actions: ["update"],
        changed: { backup_retention_period: [7, 8] },
      },
    ]);
  });

  test("are taken down without a trace", async () => {
    const destroy = (id: string) => terraform(folder(id), ["apply", "-destroy", "-auto-approve"], variables());
    const needed = new Set(stacks().flatMap(({ dependencies }) => dependencies));
    const [first, last] = [stacks().filter(({ id }) => !needed.has(id)), stacks().filter(({ id }) => needed.has(id))];
    await Promise.all(first.map(({ id }) => destroy(id)));
    for (const { id } of last.toReversed()) await destroy(id);

    const states = join(root, ".local/state");
    const left = readdirSync(states)
      .filter((file) => file.endsWith(".tfstate"))
      .map((file) => {
        const { resources } = JSON.parse(readFileSync(join(states, file), "utf8")) as { resources: { mode: string }[] };
        return [file, resources.filter(({ mode }) => mode === "managed")] as const;
      });
    expect(left.filter(([, resources]) => resources.length > 0)).toEqual([]);
    expect(left).toHaveLength(stacks().length);
    const held = await inventory(emulator.endpoint);
    expect([...held].filter(([, names]) => names.length > 0)).toEqual([]);
    expect(existsSync(join(root, "runs")) && readdirSync(join(root, "runs"))).toEqual([]);
  });
});
