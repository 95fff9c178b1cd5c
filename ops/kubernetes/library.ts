/** What the tool uses of the library: a bundle leaves out the nine tenths that it does not. */
import { KubeConfig } from "@kubernetes/client-node";
import type { RequestContext } from "@kubernetes/client-node";
import { networkLimits } from "../../app/packages/contract/network-limits";

export {
  AppsV1Api,
  AutoscalingV2Api,
  BatchV1Api,
  CoreV1Api,
  KubernetesObjectApi,
  PatchStrategy,
  setHeaderOptions,
} from "@kubernetes/client-node";

/** Requests of its clients end in time: the library's own wait for five minutes, and hold up the end of a command. */
export class LimitedKubeConfig extends KubeConfig {
  override async applySecurityAuthentication(context: RequestContext): Promise<void> {
    await super.applySecurityAuthentication(context);
    context.setSignal(AbortSignal.timeout(networkLimits.kubernetes.answerMs));
  }
}
