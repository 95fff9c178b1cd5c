import { rmSync } from "node:fs";
import { join } from "node:path";
import { environment } from "../config";
import { runningEmulator, runsFolder } from "./aws";
import { initialize, StackFailed } from "./deploy/apply";
import type { Applied } from "./deploy/apply";
import { deploy, DeployFailed } from "./deploy/deploy";
import { synthesizedStacks } from "../lib/terraform/stacks";
import type { SynthesizedStack } from "../lib/terraform/stacks";
import { bringCluster, controlPlane, isOwnCluster } from "./kubernetes/cluster";
import type { LocalCluster } from "./kubernetes/cluster";
import { putOperatorSecrets } from "./kubernetes/operator-secrets";
import { applicationImage } from "./kubernetes/pods/application-image";
import { RealPods } from "./kubernetes/pods/real-pods";
import { findPodRuntime } from "./kubernetes/pods/runtime";
import type { PodRuntime } from "./kubernetes/pods/runtime";
import type { StandIns } from "./kubernetes/pods/stand-ins";
import { MissingTool } from "../lib/missing-tool";
import type { Part, Session } from "./part";
import { localFolder, projectRoot } from "../lib/paths";
import { synthesisOutput, synthesize } from "../lib/synthesize";
import { linkProviders } from "../lib/terraform/mirrors";
import { awsProvider, kubernetesProviders } from "../lib/terraform/requirements";
import { endLeftovers } from "../lib/terraform/runs";
import { findTerraform } from "../lib/terraform/terraform";
import type { Terraform } from "../lib/terraform/terraform";

const local = environment("local");
const folder = join(localFolder, "kubernetes");
const certificates = join(folder, "control-plane", "certificates");
const imagesFolder = join(folder, "images");
const realPods = new RealPods(join(folder, "pods"));

/** Production's Kubernetes stacks, deployed by Terraform to an API server on this machine. */
export const kubernetes: Part = {
  name: "kubernetes",

  async start(session) {
    const providers = [awsProvider(), ...kubernetesProviders()];
    const terraform = findTerraform(providers);
    const emulator = await runningEmulator.find();
    if (emulator === undefined) {
      throw new Error("The Kubernetes stacks need what the AWS stacks put out: npm start -- --only aws,kubernetes");
    }
    synthesize("local");
    const stacks = synthesizedStacks(synthesisOutput, "local").filter(({ inKubernetes }) => inKubernetes);
    for (const { folder } of stacks) linkProviders(folder, providers);
    endLeftovers(runsFolder);

    let cluster: LocalCluster;
    let runtime: PodRuntime | undefined;
    try {
      if (session.settings.realPods) runtime = findPodRuntime();
      await initializeAll(stacks, terraform, session);
      cluster = await bringLocalCluster(session);
    } catch (error) {
      if (error instanceof MissingTool) return ["", "There is no Kubernetes here:", `  ${error.message}`];
      throw error;
    }
    session.output.write(`\nKubernetes: ${cluster.description}\n`);
    const { endpoint } = emulator;
    const put = await putOperatorSecrets(endpoint, local);
    for (const name of put) session.output.write(`An operator would put a value into ${name}: it has one now.\n`);
    const bringPods = async () => runtime && (await startPods(runtime, cluster, endpoint, session));
    const standIns = await bringPods();
    standIns?.start();
    try {
      const options = { terraform, endpoint, runsFolder, ...session };
      return report(await deployed(stacks, options, session, bringPods), cluster);
    } finally {
      for (const line of (await standIns?.stop()) ?? []) session.output.write(`${line}\n`);
    }
  },

  async stop() {
    const pods = await realPods.stop();
    return [
      ...(pods ? ["The pods and their database have ended; what it held is kept."] : []),
      (await controlPlane.stop())
        ? "The Kubernetes control plane has ended; what it held is kept."
        : "No Kubernetes control plane was running.",
    ];
  },

  async erase() {
    const lines = await kubernetes.stop();
    await controlPlane.erase();
    realPods.erase();
    return [...lines, "What it held is gone."];
  },
};

const bringLocalCluster = ({ settings }: Session) =>
  bringCluster({
    environment: local,
    port: settings.kubernetesPort,
    ...(settings.realPods ? { realGroup: "application" } : {}),
  });

async function startPods(
  runtime: PodRuntime,
  { kubectl }: LocalCluster,
  endpoint: string,
  { output, settings }: Session,
): Promise<StandIns> {
  const { image: reference } = local.trading;
  if (reference === undefined) throw new Error("local.trading.image is not set; name the image that real pods run");
  const image = applicationImage(runtime, {
    folder: imagesFolder,
    reference,
    onMachineBases: settings.machineBases,
    announce: () => {
      output.write("Building the application's image.\n");
    },
  });
  output.write("Starting a node of this machine, and PostgreSQL.\n");
  return realPods.start({ runtime, kubectl, environment: local, endpoint, certificates, image });
}

/** @throws MissingTool when a provider is on no folder of this machine and cannot be downloaded either */
async function initializeAll(
  stacks: readonly SynthesizedStack[],
  terraform: Terraform,
  { interrupt, output }: Session,
): Promise<void> {
  const absent = terraform.downloads.map(({ source, version }) => `${source} ${version}`);
  if (absent.length > 0)
    output.write(`Terraform will download ${absent.join(", ")}: no folder of this machine has it.\n`);
  for (const stack of stacks) {
    try {
      await initialize(stack, { terraform, interrupt, runsFolder });
    } catch (error) {
      if (absent.length === 0 || !(error instanceof StackFailed)) throw error;
      throw new MissingTool(
        `The Kubernetes stacks need the provider ${absent.join(" and ")}, which Terraform cannot download. ` +
          "Put it into ~/.terraform.d/plugins, laid out as a filesystem mirror, or make the registry reachable.",
      );
    }
  }
}

type DeployOptions = Parameters<typeof deploy>[1];

/**
 * A start that was killed may leave objects that no state knows. The cluster of this machine holds nothing but what
 * the stacks declare: it is then made anew, with them.
 */
async function deployed(
  stacks: readonly SynthesizedStack[],
  options: DeployOptions,
  session: Session,
  bringPods: () => Promise<unknown>,
): Promise<ReadonlyMap<string, Applied>> {
  try {
    return await deploy(stacks, options);
  } catch (error) {
    if (!(error instanceof DeployFailed && error.isConflict && isOwnCluster())) throw error;
    session.output.write("An earlier start was cut short and left objects that no state knows: beginning anew.\n");
    // Its node knows the cluster that was.
    await realPods.stop();
    await controlPlane.erase();
    for (const { id } of stacks) rmSync(stateOf(id), { force: true });
    await bringLocalCluster(session);
    await bringPods();
    return deploy(stacks, options);
  }
}

function stateOf(id: string): string {
  if (local.state.kind !== "local") throw new Error(`local.state is kept in ${local.state.kind}, not in a folder`);
  return join(projectRoot, local.state.folder, `${id}.tfstate`);
}

/** What there is now, and how to look inside. */
function report(applied: ReadonlyMap<string, Applied>, { kubectl, description }: LocalCluster): string[] {
  const changes = [...applied.values()].reduce((sum, stack) => sum + stack.changes, 0);
  const { namespace } = local.trading;
  const command = kubectl.commandLine.replaceAll(`${projectRoot}/`, "");
  return [
    "",
    `Kubernetes: ${description}`,
    `  ${[...applied.keys()].join(", ")}: ${changes === 0 ? "no change" : `${changes} changes made`}`,
    `  ${command} --namespace=${namespace} get deployments,pods`,
  ];
}
