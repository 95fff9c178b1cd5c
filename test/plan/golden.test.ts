import { rmSync } from "node:fs";
import { join } from "node:path";
import { synthesizeProject } from "../../tools/synthesis";
import { emulatorMissing, startEmulator, type TestEmulator } from "../support/emulator";
import { GoldenFolder } from "../support/golden";
import { describeWhere } from "../support/skip";

import { temporaryFolder, terraform, terraformMissing } from "../support/terraform";
import { OfflineStacks } from "./offline-stack";
import { readablePlan } from "./readable-plan";

const stackIds = [
  "production-cluster",
  "production-data",
  "production-delivery",
  "production-edge",
  "production-network",
];
const golden = new GoldenFolder(join(__dirname, "golden"));

describeWhere(terraformMissing() ?? emulatorMissing(), "the plan of a first deploy", () => {
  const folder = temporaryFolder("plan");
  let emulator: TestEmulator;
  let stacks: OfflineStacks;

  beforeAll(async () => {
    const [synthesis, started] = await Promise.all([
      synthesizeProject(join(folder, "cdktf.out"), { ENVIRONMENTS: "production,local" }),
      startEmulator(),
    ]);
    emulator = started;
    const produced = [...synthesis.stacks.keys()].filter((id) => id.startsWith("production-"));
    expect(produced).toEqual(stackIds);
    stacks = new OfflineStacks(synthesis.stacks);
  }, 120_000);

  afterAll(async () => {
    await emulator.stop();
    rmSync(folder, { recursive: true });
  });

  test.each(stackIds)(
    "%s is as reviewed",
    async (id) => {
      const workingFolder = join(folder, id);
      const variables = { emulator_endpoint: emulator.endpoint };
      stacks.write(id, workingFolder);
      await terraform(workingFolder, ["init", "-no-color"], { variables });
      await terraform(workingFolder, ["plan", "-no-color", "-out=plan"], { variables });
      const { stdout } = await terraform(workingFolder, ["show", "-json", "plan"], { variables });
      golden.expectSame(id, readablePlan(stdout));
    },
    600_000,
  );

  test("no reviewed plan is left behind", () => {
    golden.expectNoneBut(stackIds);
  });
});
