import "../../support/fast-stacks";
import { readdirSync } from "node:fs";
import { serviceKeys, services } from "../../../app/packages/contract/services";
import { environment } from "../../../config";
import { formatReleaseState, unreleased } from "../../../config/schema/release-state";
import type { ReleaseState } from "../../../config/schema/release-state";
import { podsAtLeast } from "../../../config/schema/trading";
import { releaseParameterName } from "../../../config/names";
import { pascalCase } from "../../../constructs/support/pascal-case";
import { inDependencyOrder } from "../../../lib/terraform/stacks";
import type { KubernetesObject } from "../../../local/kubernetes/kubectl";
import type { TestCluster } from "../../support/kubernetes";
import { LocalDeployment, localDeploymentMissing } from "../../support/local-deployment";
import { Operator } from "../../support/operator";
import { describeWhere } from "../../support/skip";
import { terraform } from "../../support/terraform";
import { privilegedPod } from "./privileged-pod";

/** Most of it is waiting for the AWS provider; a machine busy with other suites needs the rest. */
jest.setTimeout(20 * 60_000);

const local = environment("local");
const { namespace } = local.trading;

describeWhere(localDeploymentMissing(), "the Kubernetes stacks of local", () => {
  let deployment: LocalDeployment;
  let cluster: TestCluster;

  beforeAll(async () => {
    deployment = await LocalDeployment.begin("cluster");
    ({ cluster } = deployment);
  });
  afterAll(() => deployment.end());

  const writeRelease = (state: ReleaseState) =>
    new Operator(deployment.emulator.endpoint, local.aws.accountId).putParameter(
      releaseParameterName(local.prefix),
      formatReleaseState(state),
    );
  const list = (kind: string) => cluster.kubectl.list(kind, [`--namespace=${namespace}`]);
  const deployments = () =>
    Object.fromEntries((list("deployments") as Deployment[]).map((found) => [found.metadata.name, found]));

  test("come up, every rollout complete", async () => {
    const changes = await deployment.deploy();
    expect(Object.keys(changes)).toEqual(expect.arrayContaining(["local-platform", "local-trading"]));
    const found = deployments();
    for (const [key, settings] of Object.entries(local.trading.services)) {
      const replicas = podsAtLeast(settings);
      const { name } = services[key as keyof typeof services];
      expect(found[`${name}-service-blue`]?.status).toMatchObject({
        readyReplicas: replicas,
        updatedReplicas: replicas,
      });
      expect(found[`${name}-service-green`]?.spec.replicas).toBe(0);
    }
    const [bootstrap] = list("jobs") as Job[];
    expect(bootstrap?.status).toMatchObject({ succeeded: 1 });
  });

  test("have their pods on the nodes of the application, in every zone", () => {
    const nodes = new Map(cluster.kubectl.list("nodes").map(({ metadata }) => [metadata.name, metadata.labels ?? {}]));
    const places = (list("pods") as Pod[]).map(({ spec }) => nodes.get(spec.nodeName) ?? {});
    expect(new Set(places.map((labels) => labels["NodeType"]))).toEqual(new Set(["application"]));
    const zones = new Set(places.map((labels) => labels["topology.kubernetes.io/zone"]));
    expect(zones).toEqual(new Set(local.aws.availabilityZones));
  });

  test("have nothing left to do", async () => {
    for (const { id } of deployment.stacks) expect([id, await deployment.changesOf(id)]).toEqual([id, []]);
  });

  test("refuse a pod that is not restricted", () => {
    const { code, stderr } = cluster.kubectl.try(
      ["create", `--namespace=${namespace}`, "--filename=-"],
      JSON.stringify(privilegedPod),
    );
    expect(code).toBe(1);
    expect(stderr).toMatch(/violates PodSecurity "restricted:latest": .*privileged .*runAsNonRoot != true/);
  });

  test("refuse an object that its definition does not allow", () => {
    const binding = list("targetgroupbindings")[0];
    const { code, stderr } = cluster.kubectl.try(
      ["create", "--filename=-"],
      JSON.stringify({ ...binding, metadata: { name: "bad", namespace }, spec: { targetGroupARN: 1 } }),
    );
    expect(code).toBe(1);
    expect(stderr).toMatch(/targetGroupARN/);
  });

  describe("when an operator says how many pods a service has", () => {
    test("change that, and nothing else", async () => {
      await writeRelease({ ...unreleased, replicas: { "user-management": 4 } });
      expect(await deployment.changesOf("local-trading")).toEqual([
        {
          address: expect.stringMatching(/^kubernetes_deployment_v1\.UserManagement_BlueDeployment/) as string,
          actions: ["update"],
          changed: { "spec.0.replicas": ["3", "4"] },
        },
      ]);
    });
  });

  describe("after a release to green", () => {
    const image = `localhost/bist-trading/app@sha256:${"a".repeat(64)}`;

    test("follow it", async () => {
      await writeRelease({
        ...unreleased,
        live: "green",
        images: { blue: "", green: image },
        weights: { blue: 0, green: 100 },
      });
      const changes = await deployment.changesOf("local-trading");
      expect(
        changes.map(({ address }) => address.replace(/^kubernetes_(\w+_v\d)\.(.*)_\w{8}$/, "$1 $2")).sort(),
      ).toEqual(
        serviceKeys
          .flatMap((key) => {
            // The autoscaler, and a release's command, have the say about market-data's pods.
            const scaled = key === "marketData" ? [] : ["Blue"];
            return [...scaled, "Green"].map((colour) => `deployment_v1 ${pascalCase(key)}_${colour}Deployment`);
          })
          .sort(),
      );
      await deployment.deploy();
      const found = deployments();
      expect(found["user-management-service-green"]).toMatchObject({
        spec: { template: { spec: { containers: [{ image }] } } },
        status: { readyReplicas: local.trading.services.userManagement.replicas },
      });
      expect(found["user-management-service-blue"]?.spec.replicas).toBe(0);
    });

    test("have nothing left to do", async () => {
      for (const { id } of deployment.stacks) expect([id, await deployment.changesOf(id)]).toEqual([id, []]);
    });
  });

  test("leave pods alone that an operator has had restarted", async () => {
    for (const verb of ["restart", "status"]) {
      cluster.kubectl.run(["rollout", verb, "deployment/user-management-service-green", `--namespace=${namespace}`]);
    }
    expect(await deployment.changesOf("local-trading")).toEqual([]);
  });

  test("are taken down without a trace", async () => {
    // Those first that no other needs.
    const reversed = deployment.stacks.map((stack) => ({
      ...stack,
      dependencies: deployment.stacks.filter(({ dependencies }) => dependencies.includes(stack.id)).map(({ id }) => id),
    }));
    const outcomes = await inDependencyOrder(reversed, ({ id }) =>
      terraform(deployment.folder(id), ["apply", "-destroy", "-auto-approve"], deployment.runOptions),
    );
    expect([...outcomes].filter(([, { kind }]) => kind !== "done")).toEqual([]);
    const left = cluster.kubectl.list("namespaces").map(({ metadata }) => metadata.name);
    expect(left.sort()).toEqual(["default", "kube-node-lease", "kube-public", "kube-system"]);
    expect(cluster.kubectl.list("customresourcedefinitions")).toEqual([]);
    expect(readdirSync(deployment.runsFolder)).toEqual([]);
  });
});

interface Deployment extends KubernetesObject {
  readonly spec: { readonly replicas: number };
  readonly status: Readonly<Record<string, unknown>>;
}
interface Job extends KubernetesObject {
  readonly status: Readonly<Record<string, unknown>>;
}
interface Pod extends KubernetesObject {
  readonly spec: { readonly nodeName: string };
}
