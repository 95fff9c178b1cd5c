import { REPLICAS, resources } from "../../add-ons/pod-values";
import type { Placement } from "../../add-ons/pod-values";
import { addOnIdentities } from "../../../aws/cluster/workload-identities";
import { volumeClaim } from "./volume-claim";

export interface AlertmanagerProps {
  readonly placement: Placement;
  readonly region: string;
  /** ARN of the SNS topic that the operators listen to. */
  readonly topicArn: string;
}

/** Silences, and what was sent already. */
const STORAGE_GIB = 2;

/**
 * Alerts go to the operators' topic with the rights of Alertmanager's own pod, grouped so that one fault is one
 * message, and again after four hours while it lasts.
 */
export function alertmanagerValues({ placement, region, topicArn }: AlertmanagerProps) {
  return {
    serviceAccount: { name: addOnIdentities.alertmanager.serviceAccount },
    podDisruptionBudget: { enabled: true, minAvailable: REPLICAS - 1 },
    config: {
      global: { resolve_timeout: "5m" },
      route: {
        receiver: "operators",
        group_by: ["alertname", "namespace", "service"],
        group_wait: "30s",
        group_interval: "5m",
        repeat_interval: "4h",
        routes: [
          // They always fire, or only explain others: neither is for people.
          { receiver: "nobody", matchers: ['alertname =~ "Watchdog|InfoInhibitor"'] },
          { receiver: "nobody", matchers: ['severity = "info"'] },
        ],
      },
      inhibit_rules: [
        {
          source_matchers: ['severity = "critical"'],
          target_matchers: ['severity = "warning"'],
          equal: ["namespace", "alertname"],
        },
      ],
      receivers: [
        { name: "nobody" },
        {
          name: "operators",
          sns_configs: [
            { topic_arn: topicArn, sigv4: { region }, send_resolved: true, subject: SUBJECT, message: MESSAGE },
          ],
        },
      ],
    },
    alertmanagerSpec: {
      ...placement,
      replicas: REPLICAS,
      podAntiAffinityTopologyKey: "topology.kubernetes.io/zone",
      retention: "120h",
      resources: resources({ cpu: "25m", memory: "64Mi" }, { cpu: "250m", memory: "256Mi" }),
      storage: volumeClaim(STORAGE_GIB),
    },
  };
}

/** SNS takes 100 characters and no line breaks. */
const SUBJECT = "{{ .Status | toUpper }}: {{ .CommonLabels.alertname }} {{ .CommonLabels.service }}";

const MESSAGE = [
  "{{ range .Alerts }}",
  "{{ .Labels.severity | toUpper }} {{ .Labels.alertname }} ({{ .Status }} since {{ .StartsAt }})",
  "{{ .Annotations.summary }}",
  "{{ .Annotations.runbook_url }}",
  "{{ end }}",
].join("\n");
