import { rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../../lib/paths";
import { kubernetesProviders } from "../../lib/terraform/requirements";
import { synthesizeProject } from "../../tools/synthesis";
import { emulatorMissing, startEmulator } from "../support/emulator";
import type { TestEmulator } from "../support/emulator";
import { GoldenFolder } from "../support/golden";
import { describeWhere } from "../support/skip";

import { temporaryFolder, terraform, terraformMissing } from "../support/terraform";
import { chartFolder, chartsMissing, takeChartsFrom } from "./charts";
import { OfflineStacks } from "./offline-stack";
import { readablePlan } from "./readable-plan";

const inAws = ["production-cluster", "production-data", "production-delivery", "production-edge", "production-network"];
/** Their objects need nothing but this repository's charts. */
const inKubernetes = ["production-trading"];
/** Releases of somebody else's charts, which have to be at hand. */
const ofCharts = ["production-platform", "production-observability"];
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
    expect(produced).toEqual(expect.arrayContaining([...inAws, ...inKubernetes, ...ofCharts]));
    symlinkSync(join(projectRoot, "charts"), join(folder, "charts"));
    symlinkSync(chartFolder, join(folder, "charts-of-others"));
    stacks = new OfflineStacks(synthesis.stacks);
  });

  afterAll(async () => {
    await emulator.stop();
    rmSync(folder, { recursive: true });
  });

  async function plan(id: string): Promise<unknown> {
    // As far below the root as a stack's own folder is.
    const workingFolder = join(folder, "plans", "stacks", id);
    const runOptions = { emulator: emulator.endpoint };
    stacks.write(id, workingFolder);
    takeChartsFrom("../../../charts-of-others", workingFolder);
    await terraform(workingFolder, ["init", "-no-color"], runOptions);
    await terraform(workingFolder, ["plan", "-no-color", "-out=plan"], runOptions);
    const { stdout } = await terraform(workingFolder, ["show", "-json", "plan"], runOptions);
    return readablePlan(stdout);
  }

  test.each(inAws)(
    "%s is as reviewed",
    async (id) => {
      golden.expectSame(id, await plan(id));
    },
    600_000,
  );

  describeWhere(terraformMissing(kubernetesProviders()), "in Kubernetes", () => {
    test.each(inKubernetes)(
      "%s is as reviewed",
      async (id) => {
        golden.expectSame(id, await plan(id));
      },
      600_000,
    );
  });

  describeWhere(terraformMissing(kubernetesProviders()) ?? chartsMissing(), "of add-ons", () => {
    test.each(ofCharts)(
      "%s is as reviewed",
      async (id) => {
        golden.expectSame(id, await plan(id));
      },
      600_000,
    );
  });

  test("no reviewed plan is left behind", () => {
    golden.expectNoneBut([...inAws, ...inKubernetes, ...ofCharts]);
  });
});
