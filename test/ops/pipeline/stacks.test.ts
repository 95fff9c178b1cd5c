import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "cdktf";
import { environment } from "../../../config";
import { dataPreventsDestroy } from "../../../policy/rules/database-and-cache";
import { stateful } from "../../../ops/pipeline/plan/stateful";
import { readsOf, withoutSecrets } from "../../../ops/pipeline/stack-reads";
import { environmentJobs, inOrder, stacksInOrder } from "../../../ops/pipeline/stacks";
import type { Stack } from "../../../ops/pipeline/stacks";
import { environmentStacks } from "../../../stacks/environment-stacks";

const stack = (id: string, ...dependencies: string[]): Stack => ({ id, folder: id, dependencies });
const ids = (stacks: readonly Stack[]) => stacks.map(({ id }) => id);

describe("the order of stacks", () => {
  test("puts each after all that it depends on, and otherwise goes by name", () => {
    const stacks = [stack("trading", "data", "platform"), stack("platform", "cluster"), stack("data", "network")];
    const all = [...stacks, stack("cluster", "network"), stack("network"), stack("delivery")];
    const order = ["delivery", "network", "cluster", "data", "platform", "trading"];
    expect(ids(inOrder(all))).toEqual(order);
    expect(ids(inOrder([...all].reverse()))).toEqual(order);
  });

  test("takes a dependency that is not there as done", () => {
    expect(ids(inOrder([stack("data", "network")]))).toEqual(["data"]);
  });

  test("is refused to stacks that depend on each other", () => {
    expect(() => inOrder([stack("a", "b"), stack("b", "a"), stack("c")])).toThrow(
      "The stacks a, b depend on each other: none can be first",
    );
  });
});

describe("synthesized stacks", () => {
  const output = mkdtempSync(join(tmpdir(), "pipeline-"));
  const folderOf = (id: string) => stacksInOrder(output, "production").find((one) => one.id === `production-${id}`);
  const must = (id: string) => folderOf(id) ?? stack(id);

  beforeAll(() => {
    const app = new App({ outdir: output });
    for (const name of ["production", "staging"]) environmentStacks(app, environment(name));
    app.synth();
  });

  afterAll(() => {
    rmSync(output, { recursive: true });
  });

  test("come as one job an environment with an account, with its roles and its stacks in order", () => {
    const jobs = environmentJobs(output);
    expect(jobs.map((job) => job.environment)).toEqual(["production", "staging"]);
    const [production] = jobs;
    expect(production).toMatchObject({
      region: "us-east-1",
      planRole: "arn:aws:iam::111122223333:role/bist-trading-prod-plan",
      deployRole: "arn:aws:iam::111122223333:role/bist-trading-prod-deploy",
    });
    const position = (id: string) => production?.stacks.indexOf(`production-${id}`) ?? -1;
    expect(position("network")).toBeGreaterThanOrEqual(0);
    for (const id of ["cluster", "data", "edge"]) expect(position(id)).toBeGreaterThan(position("network"));
  });

  test("say what they read of the stacks before them", () => {
    const network = readsOf(must("data")).get("production-network");
    expect(network).toEqual([...(network ?? [])].sort());
    expect(network).toEqual(expect.arrayContaining(["security_groups_database", "subnets_database_0"]));
    expect([...readsOf(must("network"))]).toEqual([]);
  });

  test("are compared whole where no refresh reads a secret", () => {
    expect(withoutSecrets(must("network"))).toBeUndefined();
  });

  test("are compared without their secrets, and without what is made from them, where a refresh reads them", () => {
    const addresses = withoutSecrets(must("data")) ?? [];
    const types = new Set(addresses.map((address) => address.split(".")[0]));
    expect(types).toContain("aws_db_instance");
    expect(types).toContain("aws_secretsmanager_secret");
    expect(types).not.toContain("aws_secretsmanager_secret_version");
    // The user of Redis names the version of its secret.
    expect(types).not.toContain("aws_cloudformation_stack");
  });

  test("of an environment that was not synthesized are asked for", () => {
    expect(() => stacksInOrder(output, "local")).toThrow("ENVIRONMENTS=local npm run synth");
  });
});

test("what refers to a secret by way of something else is left out as well, and what only looks alike is not", () => {
  const folder = mkdtempSync(join(tmpdir(), "pipeline-"));
  mkdirSync(folder, { recursive: true });
  const resource = {
    aws_secretsmanager_secret_version: { Key: { secret_id: "x" } },
    aws_a: { First: { v: "${aws_secretsmanager_secret_version.Key.version_id}" }, Far: { v: "x" } },
    aws_b: { Second: { depends_on: ["aws_a.First"] }, Other: { v: "${aws_a.First-2.id}" } },
  };
  writeFileSync(join(folder, "cdk.tf.json"), JSON.stringify({ resource }));
  expect(withoutSecrets({ id: "x", folder, dependencies: [] })).toEqual(["aws_a.Far", "aws_b.Other"]);
  rmSync(folder, { recursive: true });
});

test("every type that the policy protects from destruction is loud in a review", () => {
  const types = dataPreventsDestroy.appliesTo.map(({ tfResourceType }) => tfResourceType ?? "");
  expect(types.length).toBeGreaterThan(5);
  expect(types.filter((type) => !Object.hasOwn(stateful, type))).toEqual([]);
});
