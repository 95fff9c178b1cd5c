import { changesOf, count, digestOf, isEmpty } from "../../../ops/pipeline/plan/changes";
import type { Change } from "../../../ops/pipeline/plan/changes";
import { parsePlanFile } from "../../../ops/pipeline/plan/plan-file";
import type { PlanFile, ResourceChange } from "../../../ops/pipeline/plan/plan-file";
import { planText } from "../../../ops/pipeline/plan/render";
import { recorded } from "./plans";

/** One change of a resource, as a plan file says it. */
const resource = (address: string, change: Partial<ResourceChange["change"]>, more: Partial<ResourceChange> = {}) => ({
  address,
  mode: "managed" as const,
  type: address.split(".")[0] ?? "",
  change: { actions: ["update" as const], before: {}, after: {}, ...change },
  ...more,
});
const plan = (...resource_changes: ResourceChange[]): PlanFile => ({
  format_version: "1.2",
  terraform_version: "1.11.4",
  resource_changes,
});
const find = (changes: readonly Change[], address: string) =>
  changes.find((change) => change.address.startsWith(address));

describe("the changes of a recorded plan", () => {
  test("begin with what loses data, whatever its name, and end with what is only added", () => {
    const { resources } = changesOf(recorded("data"));
    const losing = resources.filter(({ loses }) => loses !== undefined);
    expect(resources.slice(0, losing.length)).toEqual(losing);
    expect(losing.map(({ kind, address, loses }) => [kind, address.split(".")[0], loses])).toEqual([
      ["replace", "aws_cloudwatch_log_group", "logs"],
      ["replace", "aws_cloudwatch_log_group", "logs"],
      ["replace", "aws_elasticache_replication_group", "caches and counters"],
    ]);
    expect(count(resources)).toEqual({ destroy: 0, replace: 11, change: 17, add: 0, adopt: 0, forget: 0, move: 0 });
  });

  test("name the attributes that change, and those that force a replacement", () => {
    const { resources } = changesOf(recorded("data"));
    expect(find(resources, "aws_db_instance.")?.attributes).toEqual([
      { path: "backup_retention_period", before: "7", after: "14" },
      { path: "instance_class", before: "db.r5.2xlarge", after: "db.r5.xlarge" },
    ]);
    expect(find(resources, "aws_elasticache_replication_group.")?.attributes).toContainEqual({
      path: "replication_group_id",
      before: "bist-trading-redis-local",
      after: "bist-trading-redis-new",
      forcesReplacement: true,
    });
  });

  test("compare a document in one line by its parts", () => {
    const stack = find(changesOf(recorded("data")).resources, "aws_cloudformation_stack.");
    expect(stack?.attributes).toContainEqual({
      path: "template_body.Resources.User.Properties.UserId",
      before: "bist-trading-redis-local-app",
      after: "bist-trading-redis-new-app",
    });
  });

  test("read as one line a resource and one or two an attribute", () => {
    expect(planText(changesOf(recorded("network")))).toBe(
      [
        "- destroy  aws_eip.Network_Nat_AddressZoneB_CDDAB787",
        "- destroy  aws_nat_gateway.Network_Nat_ZoneB_23A6CB11",
        "! change   aws_cloudwatch_log_group.FlowLog_LogGroup_AFFB9038",
        "-     retention_in_days = 365",
        "+     retention_in_days = 90",
        "! change   aws_route.Network_Routes_PrivateDefaultZoneB_82FE9A69",
        ...routeLines(),
      ].join("\n"),
    );
  });

  /** Ids of the emulator's own. */
  function routeLines(): readonly string[] {
    const route = recorded("network").resource_changes?.find(({ type }) => type === "aws_route");
    const gateway = (value: unknown) => (value as { nat_gateway_id: string }).nat_gateway_id;
    return [
      `-     nat_gateway_id = ${gateway(route?.change.before)}`,
      `+     nat_gateway_id = ${gateway(route?.change.after)}`,
    ];
  }
});

describe("a kind of change", () => {
  test.each<[string, Partial<ResourceChange["change"]>, Partial<ResourceChange>, string | undefined]>([
    ["a replacement that creates first", { actions: ["create", "delete"] }, {}, "replace"],
    ["a replacement that destroys first", { actions: ["delete", "create"] }, {}, "replace"],
    ["a resource that leaves the state", { actions: ["forget"] }, {}, "forget"],
    ["a resource that comes under Terraform", { actions: ["no-op"], importing: { id: "x" } }, {}, "adopt"],
    ["a resource that moves", { actions: ["no-op"] }, { previous_address: "aws_vpc.Old" }, "move"],
    ["a resource that stays", { actions: ["no-op"] }, { previous_address: "aws_vpc.Main" }, undefined],
    ["a data source", { actions: ["read"] }, { mode: "data" }, undefined],
  ])("of %s", (_, change, more, kind) => {
    expect(changesOf(plan(resource("aws_vpc.Main", change, more))).resources[0]?.kind).toBe(kind);
  });
});

describe("an attribute", () => {
  const attributes = (change: Partial<ResourceChange["change"]>) =>
    changesOf(plan(resource("aws_vpc.Main", change))).resources[0]?.attributes;

  test("that is not set before and after has not changed, however Terraform writes it", () => {
    expect(attributes({ before: { a: null, b: "", c: [] }, after: { a: "", b: [], c: {} } })).toEqual([]);
  });

  test("that the apply will find out is shown as such, at every depth", () => {
    expect(
      attributes({
        before: { id: "1", list: [{ arn: "x" }] },
        after: { list: [{}] },
        after_unknown: { id: true, list: [{ arn: true }, false] },
      }),
    ).toEqual([
      { path: "id", before: "1", after: "(known after apply)" },
      { path: "list[0].arn", before: "x", after: "(known after apply)" },
    ]);
  });

  test("with a name that is no identifier is quoted", () => {
    expect(attributes({ before: {}, after: { tags: { "Cost centre": "7" } } })).toEqual([
      { path: 'tags["Cost centre"]', after: "7" },
    ]);
  });

  test("stays on its line", () => {
    const { resources, outputs } = changesOf(
      plan(resource("aws_vpc.Main", { after: { a: "x\n- destroy  everything" } })),
    );
    expect(planText({ resources, outputs, drift: [] }).split("\n")).toHaveLength(2);
  });
});

describe("drift", () => {
  const drifted = (drift: ResourceChange, change: ResourceChange) =>
    changesOf({ ...plan(change), resource_drift: [drift] }).drift.map(({ address }) => address);

  test("is what somebody changed and a deploy would change back", () => {
    const outside = resource("aws_vpc.Main", { before: { name: "a" }, after: { name: "b" } });
    const back = resource("aws_vpc.Main", { before: { name: "b" }, after: { name: "a" } });
    expect(drifted(outside, back)).toEqual(["aws_vpc.Main"]);
  });

  test("is also what somebody deleted", () => {
    const deleted = resource("aws_vpc.Main", { actions: ["delete"], before: { name: "a" }, after: null });
    const again = resource("aws_vpc.Main", { actions: ["create"], before: null, after: { name: "a" } });
    expect(drifted(deleted, again)).toEqual(["aws_vpc.Main"]);
  });

  test("is not what AWS fills in by itself", () => {
    const filled = resource("aws_vpc.Main", { before: {}, after: { arn: "x" } });
    const other = resource("aws_vpc.Main", { before: { name: "b" }, after: { name: "a" } });
    expect(drifted(filled, other)).toEqual([]);
    expect(changesOf(recorded("data")).drift).toEqual([]);
  });
});

describe("the digest of changes", () => {
  const { resources, outputs } = changesOf(recorded("data"));
  const digest = digestOf({ resources, outputs, drift: [] });

  test("is the same for the same changes in another order", () => {
    expect(digestOf({ resources: [...resources].reverse(), outputs, drift: [] })).toBe(digest);
  });

  test("differs by a value, by a resource, by an output", () => {
    const [first, ...rest] = resources;
    const other = { ...first, attributes: [{ path: "name", after: "other" }] } as Change;
    expect(digestOf({ resources: [other, ...rest], outputs, drift: [] })).not.toBe(digest);
    expect(digestOf({ resources: rest, outputs, drift: [] })).not.toBe(digest);
    expect(digestOf({ resources, outputs: [...outputs, "more"], drift: [] })).not.toBe(digest);
  });
});

test("a plan of outputs alone is not empty: the stacks after it read them", () => {
  const output_changes = { id: { actions: ["create" as const], before: null, after: "x" } };
  expect(isEmpty(changesOf({ ...plan(), output_changes }))).toBe(false);
  expect(isEmpty(changesOf(plan()))).toBe(true);
});

test.each([
  ["no JSON", "it is not JSON"],
  ["{}", "it has no format_version"],
  ["null", "it has no format_version"],
  ['{"format_version":"2.0"}', "The plan has format 2.0; 1.x is understood"],
])("what is no plan is refused: %s", (text, reason) => {
  expect(() => parsePlanFile(text)).toThrow(reason);
});
