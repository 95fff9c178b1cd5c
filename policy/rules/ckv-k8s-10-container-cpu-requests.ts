import { containerRule } from "../pods";

/** Every container says how much CPU it asks for. CKV_K8S_10. */
export const containerCpuRequests = containerRule(
  {
    id: "CKV_K8S_10",
    title: "Every container says how much CPU it asks for",
    remedy: "set `resources.requests.cpu`",
  },
  ({ resources }) => resources?.requests?.["cpu"] !== undefined,
);
