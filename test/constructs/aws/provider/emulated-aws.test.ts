import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "cdktf";
import { environment } from "../../../../config";
import type { Environment } from "../../../../config";
import { DeliveryStack } from "../../../../stacks/delivery-stack";

const local = environment("local");
const outdir = mkdtempSync(join(tmpdir(), "emulated-"));
afterAll(() => {
  rmSync(outdir, { recursive: true });
});

function providersOf(of: Environment): { readonly folder: string; readonly providers: Record<string, unknown>[] } {
  const app = new App({ outdir, skipValidation: true });
  const stack = new DeliveryStack(app, of);
  app.synth();
  const folder = join(outdir, "stacks", stack.node.id);
  const { provider } = JSON.parse(readFileSync(join(folder, "cdk.tf.json"), "utf8")) as {
    provider: { aws: Record<string, unknown>[] };
  };
  return { folder, providers: provider.aws };
}

describe("a stack for the emulator", () => {
  test("is led there, every provider of it, by a file beside it", () => {
    const { folder, providers } = providersOf(local);
    expect(providers.length).toBeGreaterThan(0);
    for (const { shared_config_files: files, profile, access_key: account } of providers) {
      expect([profile, account]).toEqual(["emulator", local.aws.accountId]);
      const [file = ""] = files as string[];
      expect(existsSync(join(folder, file))).toBe(true);
      const text = readFileSync(join(folder, file), "utf8");
      expect(text).toContain(`[profile emulator]\nendpoint_url = ${String(local.aws.emulator)}\n`);
    }
  });

  test("is not synthesized for an address that its file does not name", () => {
    const elsewhere = { ...local, aws: { ...local.aws, emulator: "http://127.0.0.1:45" } };
    expect(() => providersOf(elsewhere)).toThrow(
      /emulator\.config does not name the emulator's address http:\/\/127\.0\.0\.1:45$/,
    );
  });
});

test("a stack for AWS itself knows of no emulator", () => {
  const { providers } = providersOf(environment("production"));
  expect(JSON.stringify(providers)).not.toMatch(/emulator|127\.0\.0\.1|access_key|shared_config/);
});
