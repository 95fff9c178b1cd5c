import { rmSync } from "node:fs";
import { join } from "node:path";
import { environment, type Environment } from "../../config";
import { findBinaries } from "../../local/kubernetes/binaries";
import { bringCluster } from "../../local/kubernetes/cluster";
import { ControlPlane } from "../../local/kubernetes/control-plane";
import { findKubectl, type Kubectl } from "../../local/kubernetes/kubectl";
import { MissingTool } from "../../local/missing-tool";

/** Why no control plane can be started on this machine; undefined where one can. */
export function controlPlaneMissing(): string | undefined {
  try {
    findBinaries();
    findKubectl();
    return undefined;
  } catch (error) {
    if (error instanceof MissingTool) return error.message;
    throw error;
  }
}

/** A cluster of a test's own, with the nodes of an environment. */
export interface TestCluster {
  readonly kubectl: Kubectl;
  readonly plane: ControlPlane;
  /** Starts again what of it was ended. */
  start(): Promise<void>;
  /** Ends it, with all that it held. */
  end(): Promise<void>;
}

/** @param root where a stack that is synthesized below it looks for the kubeconfig */
export async function startCluster(root: string, of: Environment = environment("local")): Promise<TestCluster> {
  const folder = join(root, "control-plane");
  const plane = new ControlPlane(folder);
  const bring = () => bringCluster({ environment: of, root, folder, variables: { PATH: process.env["PATH"] } });
  try {
    const { kubectl } = await bring();
    return {
      kubectl,
      plane,
      start: async () => {
        await bring();
      },
      end: async () => {
        await plane.erase();
      },
    };
  } catch (error) {
    await plane.erase();
    rmSync(root, { recursive: true, force: true });
    throw error;
  }
}
