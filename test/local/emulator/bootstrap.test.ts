import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { App } from "cdktf";
import { environment } from "../../../config";
import { DeliveryStack } from "../../../stacks/delivery-stack";
import { bootstrap } from "../../../tools/delivery/bootstrap";
import type { Terraform } from "../../../tools/delivery/bootstrap";
import { emulatorMissing, startEmulator } from "../../support/emulator";
import type { TestEmulator } from "../../support/emulator";
import { describeWhere } from "../../support/skip";
import { temporaryFolder, terraform as run, terraformMissing } from "../../support/terraform";

const local = environment("local");

describeWhere(terraformMissing() ?? emulatorMissing(), "the bootstrap of an account", () => {
  const root = temporaryFolder("bootstrap");
  let emulator: TestEmulator;

  beforeAll(async () => {
    emulator = await startEmulator();
  });

  afterAll(async () => {
    await emulator.stop();
    rmSync(root, { recursive: true, force: true });
  });

  /** `delivery` with its state in a bucket, as production's, on the emulator. */
  function synthesize(): string {
    const state = { kind: "s3", bucket: "bist-trading-local-terraform-state" } as const;
    const app = new App({ outdir: join(root, "out"), skipValidation: true });
    new DeliveryStack(app, { ...local, state });
    app.synth();
    const stack = join(root, "out", "stacks", "local-delivery");
    const file = join(stack, "cdk.tf.json");
    const written = JSON.parse(readFileSync(file, "utf8")) as {
      terraform: { backend: { s3: object } };
      provider: { aws: { profile?: string; shared_config_files?: readonly string[] }[] };
    };
    // AWS_ENDPOINT_URL leads to the emulator; an environment of AWS's own has no file beside the stack.
    for (const provider of written.provider.aws) {
      delete provider.profile;
      delete provider.shared_config_files;
    }
    const { s3 } = written.terraform.backend;
    Object.assign(s3, {
      access_key: local.aws.accountId,
      secret_key: "emulator",
      endpoints: { s3: emulator.endpoint, sts: emulator.endpoint, iam: emulator.endpoint },
      use_path_style: true,
      skip_credentials_validation: true,
      skip_metadata_api_check: true,
      skip_region_validation: true,
    });
    writeFileSync(file, JSON.stringify(written));
    return stack;
  }

  const terraform: Terraform = async (folder, args) => {
    try {
      const { code, stdout, stderr } = await run(folder, args, { emulator: emulator.endpoint });
      return { code, output: stdout + stderr };
    } catch (error) {
      return { code: 1, output: String(error) };
    }
  };

  test("leaves the state in the bucket that it made, and a second run has nothing to do", async () => {
    const stack = synthesize();
    const folder = join(root, "work");
    mkdirSync(folder);
    const said: string[] = [];
    const start = () =>
      bootstrap({ stack, folder, dryRun: false, approved: true, terraform, say: (line) => said.push(line) });

    await start();
    expect(said.at(-1)).toMatch(/^Done: the state of delivery is in bist-trading-local-terraform-state/);
    expect(existsSync(folder)).toBe(false);

    await start();
    expect(said.at(-1)).toMatch(/nothing to bootstrap/);
  }, 600_000);
});
