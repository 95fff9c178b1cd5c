import { podRule } from "../pods";

/** No pod shares memory with its node. CKV_K8S_18. */
export const podKeepsItsOwnIpc = podRule(
  {
    id: "CKV_K8S_18",
    title: "No pod shares memory with its node",
    remedy: "remove `hostIpc`",
  },
  ({ pod }) => pod.hostIpc !== true,
);
