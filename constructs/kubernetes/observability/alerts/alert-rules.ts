import { existsSync } from "node:fs";
import { join } from "node:path";
import { PrometheusRule } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PrometheusRule";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { CustomObjects } from "../../custom-objects/custom-objects";
import { projectRoot } from "../../../../lib/paths";
import { check } from "../../../support/check";
import { runbookOf } from "./alert";
import type { Alert, AlertGroup } from "./alert";

/** Where the pages about alerts are, below the project root. */
const RUNBOOKS = "docs/runbooks";

export interface AlertRulesProps {
  readonly namespace: string;
  readonly groups: readonly AlertGroup[];
  /** Address at which the project's files are read, without a slash at its end. */
  readonly project: string;
  /** What has to be there first. */
  readonly after: readonly ITerraformDependable[];
}

/** When the operators are told, and what to do then: every alert has a page, or the synthesis fails. */
export class AlertRules extends Construct {
  constructor(scope: Construct, id: string, { namespace, groups, project, after }: AlertRulesProps) {
    super(scope, id);
    const alerts = groups.flatMap((group) => group.alerts);
    const names = alerts.map(({ name }) => name);
    check(this, [
      ...alerts.map((alert): [boolean, string] => [
        existsSync(join(projectRoot, runbookPath(alert))),
        `the alert ${alert.name} has no runbook; write ${runbookPath(alert)}`,
      ]),
      ...names.map((name, index): [boolean, string] => [
        names.indexOf(name) === index,
        `the alert ${name} stands twice; a second one would hide behind the first`,
      ]),
    ]);
    const rules = new PrometheusRule({
      metadata: { name: "bist-trading", namespace },
      spec: {
        groups: groups.map((group) => ({ name: group.name, rules: group.alerts.map((alert) => rule(alert, project)) })),
      },
    });
    new CustomObjects(this, "Objects", { releaseName: "alert-rules", namespace, objects: [rules], after });
  }
}

const runbookPath = (alert: Alert) => `${RUNBOOKS}/${runbookOf(alert)}.md`;

/** An alert as Prometheus reads it. */
export function rule(alert: Alert, project: string) {
  const { name, expression, forMinutes, severity, summary } = alert;
  return {
    alert: name,
    expr: expression,
    ...(forMinutes === 0 ? {} : { for: `${forMinutes}m` as const }),
    labels: { severity },
    annotations: { summary, runbook_url: `${project}/${runbookPath(alert)}` },
  };
}
