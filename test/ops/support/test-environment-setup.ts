import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Writable } from "node:stream";
import { App } from "cdktf";
import { environment } from "../../../config";
import { deploy } from "../../../local/deploy/deploy";
import { synthesizedStacks } from "../../../lib/terraform/stacks";
import { awsProvider } from "../../../lib/terraform/requirements";
import { findTerraform } from "../../../lib/terraform/terraform";
import { EdgeStack } from "../../../stacks/edge-stack";
import { NetworkStack } from "../../../stacks/network-stack";
import { emulatorMissing, startEmulator } from "../../support/emulator";
import { controlPlaneMissing, startCluster } from "../../support/kubernetes";
import { temporaryFolder, terraformMissing } from "../../support/terraform";
import { prepareAccount } from "./account";
import { testEnvironmentFile } from "./test-environment";
import type { TestEnvironment } from "./test-environment";
import { endTestEnvironment, keptTestEnvironment } from "./test-environment-processes";

/**
 * What every suite about operations works on, made once a run: an emulator with `local-network` and `local-edge` applied
 * by Terraform, and a Kubernetes control plane where its programs are. OPS_TEST_ENVIRONMENT names a folder in which it
 * stays between runs, for work on a suite.
 */
export default async function setUp(): Promise<void> {
  const missing = emulatorMissing() ?? terraformMissing() ?? controlPlaneMissing();
  if (missing !== undefined) {
    process.env["OPS_TEST_ENVIRONMENT_MISSING"] = missing;
    return;
  }
  if (keptTestEnvironment() !== undefined) return;
  const folder = process.env["OPS_TEST_ENVIRONMENT"] ?? temporaryFolder("ops");
  const emulator = await startEmulator({ stateFolder: join(folder, "emulator") });
  const made: TestEnvironment = { folder, pid: emulator.pid, endpoint: emulator.endpoint };
  try {
    const output = join(folder, "cdktf.out");
    mkdirSync(output, { recursive: true });
    const app = new App({ outdir: output });
    const local = environment("local");
    new EdgeStack(app, local, new NetworkStack(app, local).outputs);
    app.synth();
    await deploy(synthesizedStacks(output, "local"), {
      terraform: findTerraform([awsProvider()]),
      endpoint: emulator.endpoint,
      output: silence(),
      interrupt: new AbortController().signal,
      runsFolder: join(folder, "runs"),
    });
    await prepareAccount(emulator.endpoint);
    await startCluster(folder);
    writeFileSync(testEnvironmentFile(folder), JSON.stringify(made));
    process.env["OPS_TEST_ENVIRONMENT_FILE"] = testEnvironmentFile(folder);
  } catch (error) {
    await endTestEnvironment(made);
    throw error;
  }
}

function silence(): Writable {
  return new Writable({
    write: (_chunk, _encoding, done) => {
      done();
    },
  });
}
