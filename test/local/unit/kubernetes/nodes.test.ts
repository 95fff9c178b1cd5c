import { environment } from "../../../../config";
import { nodesOf, sizeOf } from "../../../../local/kubernetes/nodes";

describe("nodes that kwok stands in for", () => {
  const production = environment("production");

  test("are as many as each group may have, spread over the zones", () => {
    const nodes = nodesOf(production);
    const groups = Map.groupBy(nodes, ({ metadata }) => metadata.labels?.["NodeType"]);
    const counts = new Map([...groups].map(([group, { length }]) => [group, length]));
    expect(counts).toEqual(
      new Map([
        ["application", 10],
        ["database", 4],
        ["system", 4],
      ]),
    );
    const zones = groups.get("system")?.map(({ metadata }) => metadata.labels?.["topology.kubernetes.io/zone"]);
    expect(zones).toEqual(["us-east-1a", "us-east-1b", "us-east-1a", "us-east-1b"]);
    expect(new Set(nodes.map(({ metadata }) => metadata.name)).size).toBe(18);
  });

  test("say their architecture and size", () => {
    const { system } = production.cluster.nodeGroups;
    const nodeGroups = { ...production.cluster.nodeGroups, system: { ...system, instanceTypes: ["r7g.2xlarge"] } };
    const [node] = nodesOf({ ...production, cluster: { ...production.cluster, nodeGroups } }).slice(-1);
    expect(node?.metadata.labels).toMatchObject({ "kubernetes.io/arch": "arm64" });
    expect(node?.["status"]).toMatchObject({ allocatable: { cpu: "8", memory: "64Gi" } });
  });

  test.each([
    ["m5.large", { cpu: "2", memory: "8Gi", pods: "29" }],
    ["c6i.4xlarge", { cpu: "16", memory: "32Gi", pods: "58" }],
  ])("has the size of %s", (instanceType, size) => {
    expect(sizeOf(instanceType)).toEqual(size);
  });

  test.each(["t3.large", "m5.metal", "large"])("refuses %s, whose size it cannot tell", (instanceType) => {
    expect(() => sizeOf(instanceType)).toThrow(`No size is known of the instance type ${instanceType}`);
  });
});
