import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runbookOf } from "../../../../../constructs/kubernetes/observability/alerts/alert";
import { alertGroups } from "../../../../../constructs/kubernetes/observability/alerts/alert-groups";
import { rule } from "../../../../../constructs/kubernetes/observability/alerts/alert-rules";
import { missingPromtool, promtool } from "../../../../support/promtool";
import { describeWhere } from "../../../../support/skip";
import { timescaledb } from "../../../../support/time-series";
import { scenarios } from "./scenarios";

const groups = alertGroups({ namespace: "trading", feedDelaySeconds: 0, timeSeries: timescaledb });
const alerts = groups.flatMap((group) => group.alerts);

test("every alert has a scenario in which it fires and one in which it does not", () => {
  for (const { name } of alerts) {
    const outcomes = scenarios.filter(({ alert }) => alert === name).map(({ fires }) => fires.length > 0);
    expect([name, new Set(outcomes).size]).toEqual([name, 2]);
  }
});

describeWhere(missingPromtool(), "Prometheus itself", () => {
  const folder = mkdtempSync(join(tmpdir(), "promtool-"));
  const rules = join(folder, "rules.json");

  beforeAll(() => {
    const written = groups.map(({ name, alerts: rows }) => ({
      name,
      rules: rows.map((row) => rule(row, "https://example.com")),
    }));
    writeFileSync(rules, JSON.stringify({ groups: written }));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  test("takes the rules", () => {
    expect(promtool("check", "rules", rules)).toContain(`${alerts.length} rules found`);
  });

  test.each(scenarios)("$alert: $when", ({ alert, series, at, fires }) => {
    const severity = alerts.find(({ name }) => name === alert)?.severity;
    const path = join(folder, "test.json");
    writeFileSync(
      path,
      JSON.stringify({
        rule_files: [rules],
        evaluation_interval: "1m",
        tests: [
          {
            interval: "1m",
            input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
            alert_rule_test: [
              {
                eval_time: at,
                alertname: alert,
                exp_alerts: fires.map(({ labels, summary: text }) => ({
                  exp_labels: { severity, ...labels },
                  exp_annotations: {
                    summary: text,
                    runbook_url: `https://example.com/docs/runbooks/${runbookOf({ name: alert })}.md`,
                  },
                })),
              },
            ],
          },
        ],
      }),
    );
    expect(promtool("test", "rules", path)).toContain("SUCCESS");
  });
});
