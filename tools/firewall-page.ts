import { production } from "../config/production";
import { firewall, groups, words } from "../constructs/aws/network/firewall";
import type { FirewallRow, Group } from "../constructs/aws/network/firewall";
import { table } from "./markdown-table";

/** docs/firewall.md: the firewall table that every security group is made from, with production's ports. */
export function firewallPage(): string {
  const ports = { postgresql: production.database.port, redis: production.cache.port };
  const [behindCloudFront] = firewall("CloudFront", ports);
  return `# Who may reach what

Every rule of every security group is made from this table (\`constructs/aws/network/firewall.ts\`); nothing else is open.
This page is written from it by \`npm run docs\`, and a test fails when it is not.

${table(["Service", "Ports", "Runs in", "Reached from", "Purpose"], firewall("internet", ports).map(cells))}

With \`edge.cloudFront\` on, the first row becomes:

${table(["Service", "Ports", "Runs in", "Reached from", "Purpose"], behindCloudFront === undefined ? [] : [cells(behindCloudFront)])}

- A row between two groups opens both ends: the source may send, the target takes.
- _Administrators_ are the networks of \`operators.cidrs\`; when that list is empty, what only they may reach is closed.
- Nodes reach each other, the control plane and the Internet through the security group that EKS makes for the cluster
  and keeps. What pods may send is decided by NetworkPolicies.

## Groups

${table(
  ["Group", "Holds"],
  (Object.keys(groups) as Group[]).map((group) => [words(group), groups[group]]),
)}
`;
}

function cells({ service, ports, on, from, purpose }: FirewallRow): readonly string[] {
  return [service, ports.join(", "), on.map(words).join(", "), from.map(words).join(", "), purpose];
}
