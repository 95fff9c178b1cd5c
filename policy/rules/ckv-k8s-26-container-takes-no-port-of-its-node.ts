import { containerRule } from "../pods";
import { known } from "../rule";

/** No container takes a port of its node. CKV_K8S_26. */
export const containerTakesNoPortOfItsNode = containerRule(
  {
    id: "CKV_K8S_26",
    title: "No container takes a port of its node",
    remedy: "remove `hostPort`; a Service reaches the container",
  },
  ({ port }) => (known(port) ?? []).every(({ hostPort }) => hostPort === undefined),
);
