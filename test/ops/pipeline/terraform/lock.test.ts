import { rmSync } from "node:fs";
import { releaseLock } from "../../../../ops/pipeline/lock";
import { stacksInOrder } from "../../../../ops/pipeline/stacks";
import { emulatorMissing, signedFor, startEmulator } from "../../../support/emulator";
import type { TestEmulator } from "../../../support/emulator";
import { describeWhere } from "../../../support/skip";
import { terraformMissing } from "../../../support/terraform";
import { ShopEnvironment } from "./shop";

jest.setTimeout(300_000);

const first = { vpc: "vpc-1", engine: "postgres 15" };

describeWhere(terraformMissing([]) ?? emulatorMissing(), "the lock of a state in S3", () => {
  let emulator: TestEmulator;
  let shop: ShopEnvironment;
  const put = async (path: string, body = "") => {
    const headers = { authorization: signedFor("s3") };
    const response = await fetch(`${emulator.endpoint}/${path}`, { method: "PUT", headers, body });
    expect(response.status).toBe(200);
  };
  const lock = async (id: string) => {
    const headers = { authorization: signedFor("s3") };
    return (await fetch(`${emulator.endpoint}/states/${id}.tfstate.tflock`, { headers })).status;
  };

  beforeAll(async () => {
    emulator = await startEmulator();
    await put("states");
    shop = new ShopEnvironment({
      bucket: "states",
      region: "us-east-1",
      use_lockfile: true,
      use_path_style: true,
      skip_credentials_validation: true,
      skip_metadata_api_check: true,
      skip_requesting_account_id: true,
      skip_region_validation: true,
      access_key: "000000000000",
      secret_key: "emulator",
      endpoints: { s3: emulator.endpoint },
    });
    await shop.deploy(first);
  });

  afterAll(async () => {
    await emulator.stop();
    rmSync(shop.root, { recursive: true });
  });

  test("is released when Terraform is killed in the middle of an apply", async () => {
    // What Terraform runs for a resource kills Terraform.
    shop.synthesize({ ...first, engine: "postgres 16", whenMade: "kill -KILL $PPID" });
    await shop.plan();
    await expect(shop.apply()).rejects.toThrow(
      /ended by SIGKILL[\s\S]*The lock that the ended Terraform left on shop-data is released/,
    );
    expect(await lock("shop-data")).toBe(404);
  });

  test("stays with whoever holds it", async () => {
    const held = {
      ID: "1f0c",
      Operation: "OperationTypeApply",
      Who: "somebody@elsewhere",
      Created: "2026-11-23T06:00:00Z",
    };
    await put("states/shop-edge.tfstate.tflock", JSON.stringify(held));
    const edge = stacksInOrder(shop.output, "shop").find(({ id }) => id === "shop-edge");
    if (edge === undefined) throw new Error("there is a stack shop-edge");
    expect(await releaseLock(edge, shop.workspace())).toBe(
      "shop-edge is locked by somebody@elsewhere (lock 1f0c): it is theirs to finish",
    );
    expect(await lock("shop-edge")).toBe(200);
  });
});
