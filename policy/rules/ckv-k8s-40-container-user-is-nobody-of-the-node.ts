import { containerRule } from "../pods";
import { known } from "../rule";

/** Every container runs as a user above 10000, whom no node knows. CKV_K8S_40. */
export const containerUserIsNobodyOfTheNode = containerRule(
  {
    id: "CKV_K8S_40",
    title: "Every container runs as a user above 10000, whom no node knows",
    remedy: "set `runAsUser` to 10000 or more",
  },
  ({ securityContext }, pod) =>
    Number(known(securityContext?.runAsUser ?? pod.securityContext?.runAsUser) ?? 0) >= 10_000,
);
