import { rmSync } from "node:fs";
import { join } from "node:path";
import { environment } from "../../config";
import { findBinaries } from "../../local/kubernetes/binaries";
import { bringCluster } from "../../local/kubernetes/cluster";
import { ControlPlane } from "../../local/kubernetes/control-plane";
import { findKubectl } from "../../local/kubernetes/kubectl";
import type { Kubectl } from "../../local/kubernetes/kubectl";
import type { NodeGroupName } from "../../local/kubernetes/nodes";
import { isPodNetworkUp } from "../../local/kubernetes/pods/network";
import { findPodRuntime } from "../../local/kubernetes/pods/runtime";
import { MissingTool } from "../../lib/missing-tool";

/** Why no control plane can be started on this machine; undefined where one can. */
export const controlPlaneMissing = () =>
  missingTool(() => {
    findBinaries();
    findKubectl();
  });

/** Why no pod can run on this machine; undefined where pods can. */
export const podsMissing = () =>
  missingTool(findPodRuntime) ?? (isPodNetworkUp() ? "real pods run on this machine already; npm stop" : undefined);

function missingTool(find: () => unknown): string | undefined {
  try {
    find();
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

/**
 * Starts what does not run of the cluster below `root`.
 *
 * @param root where a stack that is synthesized below it looks for the kubeconfig
 * @param realGroup the node group that a real node is of
 */
export async function bringTestCluster(root: string, realGroup?: NodeGroupName): Promise<Kubectl> {
  const variables = { PATH: process.env["PATH"] };
  const { kubectl } = await bringCluster({
    environment: environment("local"),
    root,
    folder: planeFolder(root),
    realGroup,
    variables,
  });
  return kubectl;
}

/** As `bringTestCluster`, for a new folder, which is removed where it does not start. */
export async function startCluster(root: string, realGroup?: NodeGroupName): Promise<TestCluster> {
  const plane = new ControlPlane(planeFolder(root));
  try {
    return {
      kubectl: await bringTestCluster(root, realGroup),
      plane,
      start: async () => {
        await bringTestCluster(root, realGroup);
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

const planeFolder = (root: string) => join(root, "control-plane");
