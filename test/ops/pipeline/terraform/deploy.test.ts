import { appendFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ApplyFailed, PlansRefused } from "../../../../ops/pipeline/apply";
import { isApplicable } from "../../../../ops/pipeline/report/report";
import { describeWhere } from "../../../support/skip";
import { terraformMissing } from "../../../support/terraform";
import { ShopEnvironment } from "./shop";
import type { Shop } from "./shop";

jest.setTimeout(300_000);

const first: Shop = { vpc: "vpc-1", engine: "postgres 15" };

describeWhere(terraformMissing([]), "the way from a plan to its apply", () => {
  let shop: ShopEnvironment;
  const outcomes = async () => (await shop.plan()).map(({ stack, outcome }) => [stack, outcome]);

  const changed = async () => (await shop.plan()).filter(isApplicable).map(({ stack }) => stack);

  beforeEach(() => {
    shop = new ShopEnvironment();
    shop.synthesize(first);
  });

  afterEach(() => {
    rmSync(shop.root, { recursive: true });
  });

  test("goes through the stacks in order, and plans one only when what it reads is there", async () => {
    const [network, data] = await shop.plan();
    expect(network).toMatchObject({ stack: "shop-network", outcome: "planned" });
    expect(data).toEqual({
      stack: "shop-data",
      outcome: "waiting",
      needs: [{ stack: "shop-network", outputs: ["vpc_id"] }],
    });
    expect(await shop.apply()).toEqual(["shop-network"]);
    expect(await outcomes()).toEqual([
      ["shop-network", "planned"],
      ["shop-data", "planned"],
      ["shop-edge", "planned"],
    ]);
    expect(await shop.apply()).toEqual(["shop-data", "shop-edge"]);
    expect(await changed()).toEqual([]);
  });

  test("leaves for the next deploy what an upstream change may change", async () => {
    await shop.deploy(first);
    shop.synthesize({ vpc: "vpc-2", engine: "postgres 16" });
    const [, data] = await shop.plan();
    expect(data).toMatchObject({ outcome: "planned", provisional: ["shop-network"] });
    expect(await shop.apply()).toEqual(["shop-network"]);
    await shop.plan();
    expect(await shop.apply()).toEqual(["shop-data", "shop-edge"]);
  });

  test("shows a failed plan and goes on with the others", async () => {
    await shop.deploy(first);
    const file = join(shop.output, "stacks/shop-data/cdk.tf.json");
    writeFileSync(file, readFileSync(file, "utf8").replace('"engine"', '"engine":"${nowhere.at.all}","other"'));
    const [network, data, edge] = await shop.plan();
    expect([network?.outcome, edge?.outcome]).toEqual(["planned", "planned"]);
    expect(data).toMatchObject({
      outcome: "failed",
      problem: expect.stringContaining("Reference to undeclared resource") as string,
    });
  });

  test("refuses all plans when one was made from an earlier state, before anything is changed", async () => {
    await shop.deploy(first);
    shop.synthesize({ ...first, engine: "postgres 16" });
    await shop.plan();
    const sealed = join(shop.root, "sealed");
    shop.sealed = join(shop.root, "meanwhile");
    shop.synthesize({ ...first, engine: "postgres 17" });
    await shop.plan();
    await shop.apply();
    shop.sealed = sealed;
    const before = ["shop-network", "shop-data", "shop-edge"].map((id) => shop.serial(id));
    await expect(shop.apply()).rejects.toThrow(PlansRefused);
    await expect(shop.apply()).rejects.toThrow(/shop-data: it was made from serial \d+ of state \w+, and now there is/);
    expect(["shop-network", "shop-data", "shop-edge"].map((id) => shop.serial(id))).toEqual(before);
  });

  test("refuses a plan when what it read of another stack has changed", async () => {
    await shop.deploy(first);
    shop.synthesize({ ...first, engine: "postgres 16" });
    await shop.plan();
    const path = shop.state("shop-network");
    writeFileSync(path, readFileSync(path, "utf8").replaceAll('"vpc-1"', '"vpc-9"'));
    await expect(shop.apply()).rejects.toThrow(
      "shop-data: what it reads of shop-network has changed since: plan again",
    );
  });

  test("refuses a plan of another commit, and one whose files are not those that were sealed", async () => {
    await shop.plan();
    await expect(shop.apply("b".repeat(40))).rejects.toThrow(/from commit aaaaaaaaaaaa, and this is bbbbbbbbbbbb/);
    for (const [file, name] of [
      ["cdk.tf.json", "configuration"],
      ["pipeline.tfplan", "plan"],
      ["terraform.lock.hcl", "provider lock file"],
    ] as const) {
      await shop.plan();
      appendFileSync(join(shop.sealed, "shop-network", file), " ");
      await expect(shop.apply()).rejects.toThrow(`shop-network: its ${name} is not the one that was sealed`);
    }
    expect(shop.serial("shop-network")).toBeUndefined();
  });

  test("stops at the first stack that fails, leaves the rest alone and the lock free", async () => {
    await shop.deploy(first);
    shop.synthesize({ ...first, engine: "postgres 16", whenMade: "exit 7" });
    await shop.plan();
    const edge = shop.serial("shop-edge");
    const failure = await shop.apply().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ApplyFailed);
    expect(String(failure)).toMatch(
      /exit status 7[\s\S]*Applied: shop-network. Failed: shop-data. Left alone: shop-edge./,
    );
    expect(shop.serial("shop-edge")).toBe(edge);
    await shop.deploy({ ...first, engine: "postgres 16" });
    expect(await changed()).toEqual([]);
  });

  test("tells what was changed outside Terraform when it looks for drift", async () => {
    await shop.deploy(first);
    const path = shop.state("shop-edge");
    const state = readFileSync(path, "utf8");
    writeFileSync(path, state.replaceAll("postgres 15", "mysql"));
    const reports = await shop.plan("drift");
    expect(reports.at(-1)).toMatchObject({
      compared: "everything",
      changes: { resources: [{ kind: "change", address: "terraform_data.Listener" }] },
    });
  });
});
