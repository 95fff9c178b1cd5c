import { containerRule } from "../pods";

/** Every container says how much CPU it may use. CKV_K8S_11. */
export const containerCpuLimits = containerRule(
  {
    id: "CKV_K8S_11",
    title: "Every container says how much CPU it may use",
    remedy: "set `resources.limits.cpu`",
  },
  ({ resources }) => resources?.limits?.["cpu"] !== undefined,
);
