import { containerRule } from "../pods";

/** Every container runs under the seccomp profile of the runtime. CKV_K8S_31. */
export const containerSystemCallsFiltered = containerRule(
  {
    id: "CKV_K8S_31",
    title: "Every container runs under the seccomp profile of the runtime",
    remedy: 'set `seccompProfile: { type: "RuntimeDefault" }`',
  },
  ({ securityContext }, pod) =>
    (securityContext?.seccompProfile?.type ?? pod.securityContext?.seccompProfile?.type) === "RuntimeDefault",
);
