import { deploymentRule } from "../pods";

/** Liveness and readiness are asked of different paths: a pod that waits for the database is not restarted. BIST_4. */
export const probesDiffer = deploymentRule(
  {
    id: "BIST_4",
    title: "Liveness and readiness are asked of different paths: a pod that waits for the database is not restarted",
    remedy: "ask liveness of the process alone",
  },
  ({ containers }) =>
    containers.every(({ livenessProbe, readinessProbe }) => {
      const live = livenessProbe?.httpGet?.path;
      return live === undefined || live !== readinessProbe?.httpGet?.path;
    }),
);
