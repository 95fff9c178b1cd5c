import "../../support/fast-stacks";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { environment } from "../../../config";
import { awsStacks } from "../../../lib/terraform/stacks";
import { awsProvider } from "../../../lib/terraform/requirements";
import { emulatorMissing, startEmulator } from "../../support/emulator";
import type { TestEmulator } from "../../support/emulator";
import { LocalStacks } from "../../support/local-stacks";
import { plannedChanges } from "../../support/planned-changes";
import { describeWhere } from "../../support/skip";
import { temporaryFolder, terraform, terraformMissing } from "../../support/terraform";
import { inventory } from "./inventory";

/** Most of it is the provider's own waiting; a machine busy with other suites needs the rest. */
jest.setTimeout(20 * 60_000);

describeWhere(emulatorMissing() ?? terraformMissing(), "the AWS stacks of local", () => {
  let local: LocalStacks;
  let root: string;
  let emulator: TestEmulator;

  beforeAll(async () => {
    root = temporaryFolder("deploy");
    emulator = await startEmulator({ stateFolder: join(root, "emulator") });
    local = new LocalStacks(root, emulator.endpoint, [awsProvider()]);
    local.synthesize(environment("local"));
  });

  afterAll(async () => {
    await emulator.stop();
    rmSync(root, { recursive: true });
  });

  const stacks = () => awsStacks(local.output, "local");
  const deployAll = () => local.deploy(stacks());

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
    const text = (id: string) => readFileSync(join(local.folder(id), "cdk.tf.json"), "utf8");
    const before = new Map(stacks().map(({ id }) => [id, text(id)]));
    const { database, ...others } = environment("local");
    local.synthesize({
      ...others,
      database: { ...database, backupRetentionDays: database.backupRetentionDays + 1 },
    });
    // What reads the same plans the same: the deploy before this one has seen it.
    const touched = stacks().filter(({ id }) => text(id) !== before.get(id));
    expect(touched.map(({ id }) => id)).toEqual(["local-data"]);
    expect(await plannedChanges(local.folder("local-data"), local.runOptions)).toEqual([
      {
        address: expect.stringMatching(/^aws_db_instance\./) as string,
        actions: ["update"],
        changed: { backup_retention_period: [7, 8] },
      },
    ]);
  });

  test("are taken down without a trace", async () => {
    const destroy = (id: string) =>
      terraform(local.folder(id), ["apply", "-destroy", "-auto-approve"], local.runOptions);
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
    expect(existsSync(local.runsFolder) && readdirSync(local.runsFolder)).toEqual([]);
  });
});
