import { production } from "../config/production";
import { firewall, groups, words } from "../constructs/aws/network/firewall";
import type { FirewallRow, Group } from "../constructs/aws/network/firewall";
import { brokerReach, portOf, traffic } from "../constructs/kubernetes/network-policy/traffic";
import { nameOf } from "../constructs/kubernetes/network-policy/application-policies";
import type { BrokerReach } from "../constructs/kubernetes/network-policy/traffic";
import { table } from "./markdown-table";

/** docs/firewall.md: the firewall table that every security group is made from, with production's ports. */
export function firewallPage(): string {
  const ports = { postgresql: production.database.port, redis: production.cache.port };
  const { brokerUrl } = production.trading;
  const proxy = { url: "http://proxy.example.com.tr:3128" };
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

## What leaves the VPC

Pods of the application may send what \`constructs/kubernetes/network-policy/traffic.ts\` says, row by row; of that, these leave the VPC:

${table(leavingHeads, leaving(brokerReach({ brokerUrl })))}

With \`trading.brokerProxy\`, a forward proxy on port ${portOf(proxy.url)} for example, they are these: for the broker only the
proxy's own networks, \`trading.brokerProxy.cidrs\`, can be reached.

${table(leavingHeads, leaving(brokerReach({ brokerUrl, brokerProxy: proxy })))}

## Groups

${table(
  ["Group", "Holds"],
  (Object.keys(groups) as Group[]).map((group) => [words(group), groups[group]]),
)}
`;
}

const leavingHeads = ["Pods", "Port", "To", "Purpose"];

function leaving(broker: BrokerReach): readonly (readonly string[])[] {
  const ports = { postgresql: production.database.port, redis: production.cache.port };
  return traffic(ports, broker, { in: "database" }).flatMap(({ pods, direction, peer, port, why }) =>
    direction === "out" && "cidrs" in peer && outside.includes(peer.cidrs)
      ? [[nameOf(pods), String(port), peer.cidrs, why]]
      : [],
  );
}

const outside: readonly string[] = ["anywhere but the VPC", "the broker's proxy"];

function cells({ service, ports, on, from, purpose }: FirewallRow): readonly string[] {
  return [service, ports.join(", "), on.map(words).join(", "), from.map(words).join(", "), purpose];
}
