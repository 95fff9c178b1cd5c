import { podRule } from "../pods";

/** No pod sees the processes of its node. CKV_K8S_17. */
export const podKeepsItsOwnProcesses = podRule(
  {
    id: "CKV_K8S_17",
    title: "No pod sees the processes of its node",
    remedy: "remove `hostPid`",
  },
  ({ pod }) => pod.hostPid !== true,
);
