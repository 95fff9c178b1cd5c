import { containerRule } from "../pods";

/** Every container drops all capabilities and adds none. CKV_K8S_28. */
export const containerDropsCapabilities = containerRule(
  {
    id: "CKV_K8S_28",
    title: "Every container drops all capabilities and adds none",
    remedy: 'set `capabilities: { drop: ["ALL"] }`',
  },
  ({ securityContext }) =>
    securityContext?.capabilities?.drop?.includes("ALL") === true &&
    (securityContext.capabilities.add ?? []).length === 0,
);
