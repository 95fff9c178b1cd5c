import { deploymentRule } from "../pods";

/** Every container that serves has a liveness probe. CKV_K8S_8. */
export const deploymentLivenessProbed = deploymentRule(
  {
    id: "CKV_K8S_8",
    title: "Every container that serves has a liveness probe",
    remedy: "give the container a `livenessProbe`",
  },
  ({ containers }) => containers.every(({ livenessProbe }) => livenessProbe !== undefined),
);
