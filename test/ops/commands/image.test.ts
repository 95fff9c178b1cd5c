import { spawnSync } from "node:child_process";
import { projectRoot } from "../../../lib/paths";
import { describeWhere } from "../../support/skip";
import { Harness } from "../support/harness";
import { openTestEnvironment, testEnvironmentMissing } from "../support/test-environment";

describeWhere(testEnvironmentMissing(), "the image of these sources", () => {
  let harness: Harness;

  beforeAll(async () => {
    harness = new Harness("http://127.0.0.1:9");
    await harness.reset();
  });

  function image(): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
    const env = { ...process.env, EMULATOR_PORT: new URL(openTestEnvironment().endpoint).port };
    const args = ["tools/run.mjs", "tools/image/main.ts", "--env", "local"];
    return spawnSync(process.execPath, args, { cwd: projectRoot, env, encoding: "utf8" });
  }

  test("comes into the emulated registry once, and is named so that it can be released", async () => {
    const first = image();
    expect(first).toMatchObject({ status: 0, stderr: expect.stringContaining("keeps no layers") as string });
    expect(image()).toMatchObject({ status: 0, stdout: first.stdout });
    const { code, stderr } = await harness.ops(`release ${first.stdout.trim()} --dry-run`);
    expect([stderr, code]).toEqual([stderr, 0]);
  });

  test("is what a release asks for that finds no such image", async () => {
    const { accountId, region } = harness.environment.aws;
    const nothing = `${accountId}.dkr.ecr.${region}.amazonaws.com/bist-trading/app@sha256:${"0".repeat(64)}`;
    expect(await harness.ops(`release ${nothing}`)).toMatchObject({
      code: 3,
      answer: { reason: expect.stringContaining("npm run image -- --env local") as string },
    });
  });
});
