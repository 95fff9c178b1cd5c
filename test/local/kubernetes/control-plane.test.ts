import { readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { environment } from "../../../config";
import { bringCluster } from "../../../local/kubernetes/cluster";
import { componentNames } from "../../../local/kubernetes/components";
import { commandOf, ended } from "../../../lib/process";
import { controlPlaneMissing, startCluster } from "../../support/kubernetes";
import type { TestCluster } from "../../support/kubernetes";
import { describeWhere } from "../../support/skip";
import { temporaryFolder } from "../../support/terraform";

jest.setTimeout(5 * 60_000);

describeWhere(controlPlaneMissing(), "a control plane on this machine", () => {
  const local = environment("local");
  let root: string;
  let cluster: TestCluster;

  beforeAll(async () => {
    root = temporaryFolder("control-plane");
    cluster = await startCluster(root);
  });
  afterAll(async () => {
    await cluster.end();
    rmSync(root, { recursive: true });
  });

  const pidOf = (name: string) =>
    (JSON.parse(readFileSync(join(root, "control-plane", `${name}.json`), "utf8")) as { pid: number }).pid;
  const pids = () => Object.fromEntries(componentNames.map((name) => [name, pidOf(name)]));

  test("has the nodes of every node group, with their labels, taints, zones and sizes", () => {
    const nodes = cluster.kubectl.list("nodes");
    const { application, database, system } = local.cluster.nodeGroups;
    expect(nodes).toHaveLength(application.maxSize + database.maxSize + system.maxSize);
    expect(nodes.find(({ metadata }) => metadata.name === "application-2")).toMatchObject({
      metadata: {
        labels: {
          NodeType: "application",
          "topology.kubernetes.io/zone": "us-east-1b",
          "node.kubernetes.io/instance-type": "m5.xlarge",
        },
      },
      spec: {
        taints: expect.arrayContaining([{ key: "application", value: "true", effect: "NoSchedule" }]) as unknown,
      },
      status: { allocatable: { cpu: "4", memory: "16Gi" } },
    });
  });

  test("refuses whoever shows no certificate, and gives a certificate no more than its rights", () => {
    const { kubectl } = cluster;
    expect(kubectl.try(["auth", "can-i", "get", "secrets", "--as=somebody", "--all-namespaces"]).stdout).toBe("no\n");
    expect(kubectl.try(["auth", "can-i", "get", "secrets", "--as=system:kube-scheduler", "-A"]).stdout).toBe("no\n");
    expect(kubectl.try(["get", "secrets", "--certificate-authority=/dev/null"]).code).not.toBe(0);
  });

  test("keeps its keys and configurations from other users", () => {
    const open = readdirSync(root, { recursive: true, withFileTypes: true })
      .filter(({ name }) => /\.key$|kubeconfig$/.test(name))
      .map(({ parentPath, name }) => join(parentPath, name))
      .filter((file) => (statSync(file).mode & 0o077) !== 0);
    expect(open).toEqual([]);
    expect(statSync(join(root, "control-plane")).mode & 0o777).toBe(0o700);
  });

  test("is left out where a context is named on purpose, and that one taken as it is", async () => {
    const folder = join(root, "elsewhere");
    const named = join(root, ".local/kubernetes/kubeconfig");
    process.env["KUBECONFIG"] = named;
    const bring = (KUBERNETES_CONTEXT: string) =>
      bringCluster({ environment: local, root: folder, variables: { PATH: process.env["PATH"], KUBERNETES_CONTEXT } });
    try {
      await expect(bring("somebody-elses")).rejects.toThrow(/KUBERNETES_CONTEXT "somebody-elses" is no context/);
      const { kubectl, description } = await bring("bist-trading-local");
      expect(description).toBe("The cluster of your context bist-trading-local, with the nodes that it has.");
      expect(kubectl.commandLine).toContain(join(folder, ".local/kubernetes/kubeconfig"));
      expect(kubectl.list("nodes")).toHaveLength(cluster.kubectl.list("nodes").length);
    } finally {
      delete process.env["KUBECONFIG"];
    }
  });

  test("leaves alone what runs", async () => {
    const before = pids();
    await cluster.start();
    expect(pids()).toEqual(before);
  });

  test.each(componentNames)("brings back %s after a kill, with all that the cluster held", async (name) => {
    cluster.kubectl.run(["create", "namespace", `before-${name}`]);
    const before = pids();
    process.kill(pidOf(name), "SIGKILL");
    await ended(pidOf(name), 10_000);
    await cluster.start();
    const renewed = componentNames.filter((other) => pids()[other] !== before[other]);
    // What watches a program that ended begins anew as well.
    expect(renewed).toEqual(
      name === "etcd" ? componentNames : name === "kube-apiserver" ? componentNames.slice(1) : [name],
    );
    expect(cluster.kubectl.list("namespaces").map(({ metadata }) => metadata.name)).toContain(`before-${name}`);
    // Each has its part in this: a pod is stored, made for the Deployment, placed, and called ready.
    cluster.kubectl.run(["create", "deployment", `after-${name}`, "--image=none", "--replicas=2"]);
    cluster.kubectl.run(["rollout", "status", `deployment/after-${name}`, "--timeout=60s"]);
  });

  test("ends with nothing left running, and knows everything at the next start", async () => {
    const before = pids();
    expect(await cluster.plane.stop()).toBe(true);
    expect(
      Object.values(before)
        .map(commandOf)
        .filter((command) => command !== undefined),
    ).toEqual([]);
    expect(cluster.plane.running).toEqual([]);
    expect(await cluster.plane.stop()).toBe(false);
    await cluster.start();
    expect(cluster.kubectl.list("namespaces").map(({ metadata }) => metadata.name)).toContain("before-etcd");
  });
});
