import { containerRule } from "../pods";
import { known } from "../rule";

/** No secret is an environment variable. CKV_K8S_35. */
export const secretsAreFiles = containerRule(
  {
    id: "CKV_K8S_35",
    title: "No secret is an environment variable",
    remedy: "mount the Secret as files",
  },
  ({ env, envFrom }) =>
    (known(env) ?? []).every(({ valueFrom }) => valueFrom?.secretKeyRef === undefined) &&
    (known(envFrom) ?? []).every(({ secretRef }) => secretRef === undefined),
);
