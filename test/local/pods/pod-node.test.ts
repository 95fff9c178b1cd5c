import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { pauseReference } from "../../../local/kubernetes/pods/images";
import { podCgroup } from "../../../local/kubernetes/pods/leftovers";
import { podNetwork } from "../../../local/kubernetes/pods/network";
import { PodNode } from "../../../local/kubernetes/pods/node";
import { findPodRuntime } from "../../../local/kubernetes/pods/runtime";
import { controlPlaneMissing, podsMissing, startCluster } from "../../support/kubernetes";
import type { TestCluster } from "../../support/kubernetes";
import { describeWhere } from "../../support/skip";
import { temporaryFolder } from "../../support/terraform";

jest.setTimeout(5 * 60_000);

describeWhere(controlPlaneMissing() ?? podsMissing(), "a node of this machine", () => {
  const id = `bist-trading-test-${process.pid}`;
  const forwarding = () => readFileSync("/proc/sys/net/ipv4/ip_forward", "utf8");
  const forwardedBefore = forwarding();
  let root: string;
  let cluster: TestCluster;
  let node: PodNode;

  beforeAll(async () => {
    root = temporaryFolder("pod-node");
    cluster = await startCluster(root);
    node = new PodNode(join(root, "node"), id);
    await node.start({
      runtime: findPodRuntime(),
      kubectl: cluster.kubectl,
      certificates: join(root, "control-plane", "certificates"),
      labels: { real: "yes" },
      taints: [{ key: "real", value: "yes", effect: "NoSchedule" }],
      images: [],
    });
  });
  afterAll(async () => {
    await node.stop();
    await cluster.end();
    rmSync(root, { recursive: true });
  });

  test("runs a pod under the restricted standard, at an address of the pods' network", () => {
    const { kubectl } = cluster;
    kubectl.run(["label", "namespace", "default", "pod-security.kubernetes.io/enforce=restricted"]);
    kubectl.apply([pod]);
    kubectl.run(["wait", "pod/waits", "--for=condition=Ready", "--timeout=120s"]);
    const [found] = kubectl.list("pods") as unknown as { status?: { podIP: string; hostIP: string } }[];
    expect(found?.status).toMatchObject({
      podIP: expect.stringMatching(/^10\.88\.0\.\d+$/) as string,
      hostIP: podNetwork.host,
    });
    expect(kubectl.run(["logs", "waits"])).toBe("");
  });

  test("ends with everything taken back that it brought", async () => {
    expect(await node.stop()).toBe(true);
    expect(readFileSync("/proc/self/mountinfo", "utf8")).not.toContain(root);
    expect(spawnSync("ip", ["-brief", "address"], { encoding: "utf8" }).stdout).not.toContain("10.88.0.");
    expect(readdirSync("/sys/fs/cgroup").filter((name) => existsSync(join("/sys/fs/cgroup", name, podCgroup)))).toEqual(
      [],
    );
    expect(existsSync(join("/run", id))).toBe(false);
    expect(forwarding()).toBe(forwardedBefore);
    expect(await node.stop()).toBe(false);
  });
});

const pod = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "waits", namespace: "default" },
  spec: {
    nodeSelector: { real: "yes" },
    tolerations: [{ operator: "Exists" }],
    automountServiceAccountToken: false,
    securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: "RuntimeDefault" } },
    containers: [
      {
        name: "pause",
        image: pauseReference,
        imagePullPolicy: "Never",
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ["ALL"] },
        },
      },
    ],
  },
};
