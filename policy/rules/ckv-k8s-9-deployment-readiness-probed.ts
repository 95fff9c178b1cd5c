import { deploymentRule } from "../pods";

/** Every container that serves has a readiness probe. CKV_K8S_9. */
export const deploymentReadinessProbed = deploymentRule(
  {
    id: "CKV_K8S_9",
    title: "Every container that serves has a readiness probe",
    remedy: "give the container a `readinessProbe`",
  },
  ({ containers }) => containers.every(({ readinessProbe }) => readinessProbe !== undefined),
);
