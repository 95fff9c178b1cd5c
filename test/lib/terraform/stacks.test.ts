import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { awsStacks, inDependencyOrder, synthesizedStacks } from "../../../lib/terraform/stacks";
import type { SynthesizedStack } from "../../../lib/terraform/stacks";

const stack = (id: string, ...dependencies: string[]): SynthesizedStack => ({
  id,
  folder: id,
  dependencies,
  inKubernetes: false,
});

describe("synthesizedStacks", () => {
  const output = mkdtempSync(join(tmpdir(), "synthesis-"));

  test("are those of one environment, where the manifest says, each with where its resources live", () => {
    const written = (id: string, ...dependencies: string[]) => ({ workingDirectory: `stacks/${id}`, dependencies });
    const stacks = {
      "local-network": written("local-network"),
      "production-network": written("production-network"),
      "local-trading": written("local-trading", "local-network"),
    };
    writeFileSync(join(output, "manifest.json"), JSON.stringify({ stacks }));
    for (const id of ["local-network", "local-trading"]) {
      mkdirSync(join(output, "stacks", id), { recursive: true });
      const provider = { aws: [], ...(id === "local-trading" ? { kubernetes: [] } : {}) };
      writeFileSync(join(output, "stacks", id, "cdk.tf.json"), JSON.stringify({ provider }));
    }
    const folder = (id: string) => join(output, "stacks", id);
    expect(synthesizedStacks(output, "local")).toEqual([
      { id: "local-network", folder: folder("local-network"), dependencies: [], inKubernetes: false },
      { id: "local-trading", folder: folder("local-trading"), dependencies: ["local-network"], inKubernetes: true },
    ]);
  });

  test("can do without those that a cluster holds", () => {
    expect(awsStacks(output, "local").map(({ id }) => id)).toEqual(["local-network"]);
  });
});

describe("inDependencyOrder", () => {
  test("begins a stack once all that it needs is done, and the rest side by side", async () => {
    const begun: string[] = [];
    const finish = new Map<string, () => void>();
    const all = inDependencyOrder(
      [stack("data", "network"), stack("network"), stack("delivery"), stack("trading", "data", "delivery")],
      ({ id }) => {
        begun.push(id);
        return new Promise<void>((resolve) => finish.set(id, resolve));
      },
    );
    const settle = async (id: string) => {
      finish.get(id)?.();
      await new Promise(setImmediate);
      return begun;
    };
    await new Promise(setImmediate);
    expect(begun).toEqual(["network", "delivery"]);
    expect(await settle("delivery")).toHaveLength(2);
    expect(await settle("network")).toEqual(["network", "delivery", "data"]);
    expect(await settle("data")).toEqual(["network", "delivery", "data", "trading"]);
    await settle("trading");
    expect([...(await all).values()].map(({ kind }) => kind)).toEqual(["done", "done", "done", "done"]);
  });

  test("leaves out what needs a stack that failed, and goes on with the rest", async () => {
    const outcomes = await inDependencyOrder(
      [stack("network"), stack("data", "network"), stack("trading", "data"), stack("delivery")],
      ({ id }) => (id === "network" ? Promise.reject(new Error("no network")) : Promise.resolve(id)),
    );
    expect(Object.fromEntries(outcomes)).toEqual({
      network: { kind: "failed", error: new Error("no network") },
      data: { kind: "left out", dependency: "network" },
      trading: { kind: "left out", dependency: "data" },
      delivery: { kind: "done", result: "delivery" },
    });
  });

  test("refuses stacks that depend on each other", async () => {
    const circle = [stack("network", "data"), stack("data", "network")];
    await expect(inDependencyOrder(circle, () => Promise.resolve())).rejects.toThrow("network -> data -> network");
  });
});
