import "../../support/fast-stacks";
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Writable } from "node:stream";
import { App } from "cdktf";
import { serviceKeys, services } from "../../../app/packages/contract/services";
import { type Environment, environment } from "../../../config";
import { formatReleaseState, type ReleaseState, unreleased } from "../../../config/schema/release-state";
import { deploy } from "../../../local/deploy/deploy";
import { awsStacks, inDependencyOrder, type SynthesizedStack, synthesizedStacks } from "../../../local/deploy/stacks";
import type { KubernetesObject } from "../../../local/kubernetes/kubectl";
import { putOperatorSecrets } from "../../../local/kubernetes/operator-secrets";
import { projectRoot } from "../../../local/paths";
import { awsProvider, kubernetesProviders } from "../../../local/terraform/requirements";
import { findTerraform } from "../../../local/terraform/terraform";
import { releaseParameterName } from "../../../constructs/platform/names";
import { pascalCase } from "../../../constructs/support/pascal-case";
import { environmentStacks } from "../../../stacks/environment-stacks";
import { emulatorMissing, startEmulator, type TestEmulator } from "../../support/emulator";
import { controlPlaneMissing, startCluster, type TestCluster } from "../../support/kubernetes";
import { Operator } from "../../support/operator";
import { plannedChanges } from "../../support/planned-changes";
import { describeWhere } from "../../support/skip";
import { temporaryFolder, terraform, terraformMissing } from "../../support/terraform";
import { privilegedPod } from "./privileged-pod";

/** Most of it is waiting for the AWS provider; a machine busy with other suites needs the rest. */
jest.setTimeout(20 * 60_000);

const missing =
  controlPlaneMissing() ?? emulatorMissing() ?? terraformMissing([awsProvider(), ...kubernetesProviders()]);

describeWhere(missing, "the Kubernetes stacks of local", () => {
  const local = environment("local");
  const { namespace } = local.trading;
  let root: string;
  let emulator: TestEmulator;
  let cluster: TestCluster;

  beforeAll(async () => {
    root = temporaryFolder("cluster");
    standInFor(projectRoot, root);
    [emulator, cluster] = await Promise.all([
      startEmulator({ stateFolder: join(root, "emulator") }),
      startCluster(root, local),
    ]);
    synthesize(local);
    await deployAll(awsStacks(output(), "local"));
    await putOperatorSecrets(emulator.endpoint, local);
  });

  afterAll(async () => {
    await Promise.all([emulator.stop(), cluster.end()]);
    rmSync(root, { recursive: true });
  });

  const output = () => join(root, "cdktf.out");
  const stacks = () => synthesizedStacks(output(), "local").filter(({ inKubernetes }) => inKubernetes);
  const folder = (id: string) => join(output(), "stacks", id);
  const variables = () => ({ variables: { emulator_endpoint: emulator.endpoint } });
  const changesOf = (id: string) => plannedChanges(folder(id), variables());

  /** The stacks' relative paths lead to states and the kubeconfig below this root. */
  function synthesize(changed: Environment): void {
    mkdirSync(output(), { recursive: true });
    const app = new App({ outdir: output() });
    environmentStacks(app, changed);
    app.synth();
  }

  async function deployAll(selected: readonly SynthesizedStack[]): Promise<Readonly<Record<string, number>>> {
    const applied = await deploy(selected, {
      terraform: findTerraform([awsProvider(), ...kubernetesProviders()]),
      endpoint: emulator.endpoint,
      output: new Writable({
        write: (_chunk, _encoding, done) => {
          done();
        },
      }),
      interrupt: new AbortController().signal,
      runsFolder: join(root, "runs"),
    });
    return Object.fromEntries([...applied].map(([id, { changes }]) => [id, changes]));
  }

  const writeRelease = (state: ReleaseState) =>
    new Operator(emulator.endpoint, local.aws.accountId).putParameter(
      releaseParameterName(local.prefix),
      formatReleaseState(state),
    );
  const list = (kind: string) => cluster.kubectl.list(kind, [`--namespace=${namespace}`]);
  const deployments = () =>
    Object.fromEntries((list("deployments") as Deployment[]).map((found) => [found.metadata.name, found]));

  test("come up, every rollout complete", async () => {
    const changes = await deployAll(stacks());
    expect(Object.keys(changes)).toEqual(expect.arrayContaining(["local-platform", "local-trading"]));
    const found = deployments();
    for (const [key, { replicas }] of Object.entries(local.trading.services)) {
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
    for (const { id } of stacks()) expect([id, await changesOf(id)]).toEqual([id, []]);
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
      expect(await changesOf("local-trading")).toEqual([
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
      const changes = await changesOf("local-trading");
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
      await deployAll(stacks());
      const found = deployments();
      expect(found["user-management-service-green"]).toMatchObject({
        spec: { template: { spec: { containers: [{ image }] } } },
        status: { readyReplicas: local.trading.services.userManagement.replicas },
      });
      expect(found["user-management-service-blue"]?.spec.replicas).toBe(0);
    });

    test("have nothing left to do", async () => {
      for (const { id } of stacks()) expect([id, await changesOf(id)]).toEqual([id, []]);
    });
  });

  test("are taken down without a trace", async () => {
    // Those first that no other needs.
    const reversed = stacks().map((stack) => ({
      ...stack,
      dependencies: stacks()
        .filter(({ dependencies }) => dependencies.includes(stack.id))
        .map(({ id }) => id),
    }));
    const outcomes = await inDependencyOrder(reversed, ({ id }) =>
      terraform(folder(id), ["apply", "-destroy", "-auto-approve"], variables()),
    );
    expect([...outcomes].filter(([, { kind }]) => kind !== "done")).toEqual([]);
    const left = cluster.kubectl.list("namespaces").map(({ metadata }) => metadata.name);
    expect(left.sort()).toEqual(["default", "kube-node-lease", "kube-public", "kube-system"]);
    expect(cluster.kubectl.list("customresourcedefinitions")).toEqual([]);
    expect(readdirSync(join(root, "runs"))).toEqual([]);
  });
});

/** Stacks name the project's charts and commands from where they are synthesized. */
function standInFor(project: string, root: string): void {
  for (const name of ["charts", "node_modules"]) symlinkSync(join(project, name), join(root, name));
  const { scripts } = JSON.parse(readFileSync(join(project, "package.json"), "utf8")) as { scripts: object };
  const run = JSON.stringify({ scripts }).replaceAll("node tools/run.mjs", `node ${project}/tools/run.mjs`);
  writeFileSync(join(root, "package.json"), run);
}

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
