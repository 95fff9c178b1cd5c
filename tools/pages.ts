import { architecturePage } from "./architecture-page";
import { connectionsPage } from "./connections-page";
import { firewallPage } from "./firewall-page";
import { policyPage } from "./policy-page";

/** Pages of docs/ that are made from tables in the code, by their path. */
export const pages: Readonly<Record<string, () => string>> = {
  "docs/architecture.md": architecturePage,
  "docs/connections.md": connectionsPage,
  "docs/firewall.md": firewallPage,
  "docs/policy.md": policyPage,
};
