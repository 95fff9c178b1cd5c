import { containerRule } from "../pods";

/** Every container says how much memory it may use. CKV_K8S_12. */
export const containerMemoryLimits = containerRule(
  {
    id: "CKV_K8S_12",
    title: "Every container says how much memory it may use",
    remedy: "set `resources.limits.memory`",
  },
  ({ resources }) => resources?.limits?.["memory"] !== undefined,
);
