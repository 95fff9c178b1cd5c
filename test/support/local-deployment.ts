import { readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { environment } from "../../config";
import { awsStacks, synthesizedStacks } from "../../lib/terraform/stacks";
import type { SynthesizedStack } from "../../lib/terraform/stacks";
import type { NodeGroupName } from "../../local/kubernetes/nodes";
import { putOperatorSecrets } from "../../local/kubernetes/operator-secrets";
import { projectRoot } from "../../lib/paths";
import { awsProvider, kubernetesProviders } from "../../lib/terraform/requirements";
import { emulatorMissing, startEmulator } from "./emulator";
import type { TestEmulator } from "./emulator";
import { controlPlaneMissing, startCluster } from "./kubernetes";
import type { TestCluster } from "./kubernetes";
import { LocalStacks } from "./local-stacks";
import { plannedChanges } from "./planned-changes";
import type { PlannedChange } from "./planned-changes";
import { temporaryFolder, terraformMissing } from "./terraform";

/** Why the stacks of `local` cannot be deployed on this machine; undefined where they can. */
export const localDeploymentMissing = () =>
  controlPlaneMissing() ?? emulatorMissing() ?? terraformMissing([awsProvider(), ...kubernetesProviders()]);

export interface LocalDeploymentOptions {
  /** The node group that a real node is of. @default kwok stands in for all */
  readonly realGroup?: NodeGroupName;
  /** Host at which RDS claims to be. @default 127.0.0.1 */
  readonly serversHost?: string;
}

/** The stacks of `local`, with an emulator and a cluster of a test's own. */
export class LocalDeployment extends LocalStacks {
  private constructor(
    root: string,
    readonly emulator: TestEmulator,
    readonly cluster: TestCluster,
  ) {
    super(root, emulator.endpoint, [awsProvider(), ...kubernetesProviders()]);
  }

  readonly environment = environment("local");

  /** Begins one whose AWS half is deployed, and whose operator has put in what only an operator has. */
  static async begin(
    name: string,
    { realGroup, ...emulatorOptions }: LocalDeploymentOptions = {},
  ): Promise<LocalDeployment> {
    const root = temporaryFolder(name);
    standInFor(projectRoot, root);
    const [emulator, cluster] = await Promise.all([
      startEmulator({ stateFolder: join(root, "emulator"), ...emulatorOptions }),
      startCluster(root, realGroup),
    ]);
    const deployment = new LocalDeployment(root, emulator, cluster);
    deployment.synthesize(deployment.environment);
    await deployment.deploy(awsStacks(deployment.output, "local"));
    await putOperatorSecrets(emulator.endpoint, deployment.environment);
    return deployment;
  }

  /** Those in Kubernetes. */
  get stacks(): readonly SynthesizedStack[] {
    return synthesizedStacks(this.output, "local").filter(({ inKubernetes }) => inKubernetes);
  }

  /** What an apply of a stack would change. */
  changesOf(id: string): Promise<readonly PlannedChange[]> {
    return plannedChanges(this.folder(id), this.runOptions);
  }

  override deploy(stacks = this.stacks) {
    return super.deploy(stacks);
  }

  async end(): Promise<void> {
    await Promise.all([this.emulator.stop(), this.cluster.end()]);
    rmSync(this.root, { recursive: true });
  }
}

/** Stacks name the project's charts and commands from where they are synthesized. */
function standInFor(project: string, root: string): void {
  for (const name of ["charts", "node_modules"]) symlinkSync(join(project, name), join(root, name));
  const { scripts } = JSON.parse(readFileSync(join(project, "package.json"), "utf8")) as { scripts: object };
  const run = JSON.stringify({ scripts }).replaceAll("node tools/run.mjs", `node ${project}/tools/run.mjs`);
  writeFileSync(join(root, "package.json"), run);
}
