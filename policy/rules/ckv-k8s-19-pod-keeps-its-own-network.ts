import { podRule } from "../pods";

/** No pod uses the network of its node. CKV_K8S_19. */
export const podKeepsItsOwnNetwork = podRule(
  {
    id: "CKV_K8S_19",
    title: "No pod uses the network of its node",
    remedy: "remove `hostNetwork`",
  },
  ({ pod }) => pod.hostNetwork !== true,
);
