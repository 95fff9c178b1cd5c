import { podRule } from "../pods";
import { known } from "../rule";

/** No pod mounts a folder of its node. CKV_K8S_27. */
export const podMountsNothingOfItsNode = podRule(
  {
    id: "CKV_K8S_27",
    title: "No pod mounts a folder of its node",
    remedy: "use an `emptyDir`, a claim or a Secret",
  },
  ({ pod }) => (known(pod.volume) ?? []).every(({ hostPath }) => hostPath === undefined),
);
