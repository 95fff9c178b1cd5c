import { containerRule } from "../pods";

/** Every container says how much memory it asks for. CKV_K8S_13. */
export const containerMemoryRequests = containerRule(
  {
    id: "CKV_K8S_13",
    title: "Every container says how much memory it asks for",
    remedy: "set `resources.requests.memory`",
  },
  ({ resources }) => resources?.requests?.["memory"] !== undefined,
);
