import { containerRule } from "../pods";

/** No container can write to its root file system. CKV_K8S_22. */
export const containerRootReadOnly = containerRule(
  {
    id: "CKV_K8S_22",
    title: "No container can write to its root file system",
    remedy: "set `readOnlyRootFilesystem` and mount an empty folder for what is written",
  },
  ({ securityContext }) => securityContext?.readOnlyRootFilesystem === true,
);
