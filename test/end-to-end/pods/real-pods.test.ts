import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { actuator, serviceKeys, services } from "../../../app/packages/contract/services";
import type { ServiceKey } from "../../../app/packages/contract/services";
import { environment } from "../../../config";
import { postgresClient } from "../../../local/image/machine-bases";
import { CertificateAuthority } from "../../../local/kubernetes/certificates";
import type { KubernetesObject } from "../../../local/kubernetes/kubectl";
import { applicationImage } from "../../../local/kubernetes/pods/application-image";
import { podCgroup } from "../../../local/kubernetes/pods/leftovers";
import { isPodNetworkUp, podNetwork } from "../../../local/kubernetes/pods/network";
import { RealPods } from "../../../local/kubernetes/pods/real-pods";
import { findPodRuntime } from "../../../local/kubernetes/pods/runtime";
import { localFolder } from "../../../lib/paths";
import { commandOf } from "../../../lib/process";
import { podsMissing } from "../../support/kubernetes";
import { LocalDeployment, localDeploymentMissing } from "../../support/local-deployment";
import { describeWhere } from "../../support/skip";
import { ask } from "./platform-client";
import type { ServiceAddress } from "./platform-client";

/** An image to build, seven stacks to deploy and pods that take their time to be called ready. */
jest.setTimeout(25 * 60_000);

const local = environment("local");
const { namespace, image: reference = "" } = local.trading;
const missing =
  localDeploymentMissing() ??
  podsMissing() ??
  (postgresClient.length === 0 ? "pg_dump is not installed, which the image has" : undefined);

describeWhere(missing, "the application's real pods", () => {
  const id = `bist-trading-test-${process.pid}`;
  let deployment: LocalDeployment;
  let pods: RealPods;
  let authority: string;

  beforeAll(async () => {
    deployment = await LocalDeployment.begin("pods", { realGroup: "application", serversHost: podNetwork.host });
    const { root, cluster, emulator } = deployment;
    // PostgreSQL runs as a user of its own, below it.
    chmodSync(root, 0o755);
    pods = new RealPods(join(root, "pods"), id);
    const runtime = findPodRuntime();
    // Where `npm start` keeps it: the same sources are built once.
    const folder = join(localFolder, "kubernetes", "images");
    const standIns = await pods.start({
      ...{ runtime, kubectl: cluster.kubectl, environment: local, endpoint: emulator.endpoint },
      certificates: join(root, "control-plane", "certificates"),
      image: applicationImage(runtime, { folder, reference, onMachineBases: true, announce: () => undefined }),
    });
    standIns.start();
    try {
      await deployment.deploy();
    } finally {
      expect(await standIns.stop()).toEqual([]);
    }
    const { certificate } = await CertificateAuthority.in(join(root, "pods", "node", "certificates"));
    authority = readFileSync(certificate, "utf8");
  });
  afterAll(async () => {
    await pods.stop();
    await deployment.end();
  });

  const list = (kind: string, selector = "") =>
    deployment.cluster.kubectl.list(kind, [`--namespace=${namespace}`, `--selector=${selector}`]);
  const podsOf = (key: ServiceKey) => list("pods", `app=${services[key].name}-service`) as Pod[];
  const addressOf = (key: ServiceKey): ServiceAddress => {
    const name = `${services[key].name}-service`;
    const found = (list("services") as Service[]).find(({ metadata }) => metadata.name === name);
    const { port } = services[key];
    return { host: found?.spec.clusterIP ?? "", port, serverName: local.edge.hosts[key], authority };
  };

  test.each(serviceKeys)("of %s are ready, on this machine, and say so at their own address", async (key) => {
    const [pod, ...more] = podsOf(key);
    expect(more).toEqual([]);
    expect(pod).toMatchObject({
      spec: { nodeName: "this-machine" },
      status: { phase: "Running", containerStatuses: [{ ready: true, restartCount: 0 }] },
    });
    const address = { ...addressOf(key), host: pod?.status.podIP ?? "" };
    expect(await ask(address, actuator.readiness)).toMatchObject({ status: 200, body: { status: "UP" } });
  });

  test("prepared the database first", () => {
    expect(list("jobs")).toMatchObject([{ status: { succeeded: 1 } }]);
  });

  test("serve a user by their Services: who registers at one is known to the others by the token", async () => {
    const users = addressOf("userManagement");
    const account = { email: "user@example.com", password: randomBytes(12).toString("hex") };
    const registered = await ask(users, "/user/api/v1/auth/register", {
      body: { ...account, firstName: "Ayşe", lastName: "Yılmaz" },
    });
    expect(registered).toMatchObject({ status: 201 });
    const { body } = await ask(users, "/user/api/v1/auth/login", { body: account });
    const { accessToken: token } = body as { readonly accessToken: string };
    const session = (of?: string) => ask(addressOf("marketData"), "/market/api/v1/market-data/session", { token: of });
    expect(await session()).toMatchObject({ status: 401 });
    expect(await session(token)).toMatchObject({
      status: 200,
      body: { acceptsOrders: expect.any(Boolean) as boolean },
    });
    const orders = (of?: string) => ask(addressOf("brokerIntegration"), "/trading/api/v1/orders", { token: of });
    expect(await orders()).toMatchObject({ status: 401 });
    // Known, and not given the right to trade yet.
    expect(await orders(token)).toMatchObject({ status: 403 });
  });

  test("leave no process, mount, network or group behind, and keep the database", async () => {
    expect(await pods.stop()).toBe(true);
    const folder = join(deployment.root, "pods");
    const running = readdirSync("/proc").filter((entry) => /^\d+$/.test(entry) && runsBelow(Number(entry), folder));
    expect(running).toEqual([]);
    expect(readFileSync("/proc/self/mountinfo", "utf8")).not.toContain(folder);
    expect(existsSync(join("/run", id))).toBe(false);
    expect(isPodNetworkUp()).toBe(false);
    const networks = spawnSync("ip", ["-all", "netns", "exec", "ip", "-brief", "address"], { encoding: "utf8" });
    expect(networks.stdout).not.toContain(podNetwork.host.replace(/1$/, ""));
    const groups = readdirSync("/sys/fs/cgroup").filter((name) => existsSync(join("/sys/fs/cgroup", name, podCgroup)));
    expect(groups).toEqual([]);
    expect(existsSync(join(folder, "database", "data", "PG_VERSION"))).toBe(true);
  });
});

const runsBelow = (pid: number, folder: string) => commandOf(pid)?.includes(folder) === true;

interface Pod extends KubernetesObject {
  readonly status: { readonly podIP: string };
}
interface Service extends KubernetesObject {
  readonly spec: { readonly clusterIP: string };
}
