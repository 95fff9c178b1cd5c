import * as dashboard from "@grafana/grafana-foundation-sdk/dashboard";
import { DataqueryBuilder } from "@grafana/grafana-foundation-sdk/prometheus";
import { PanelBuilder as StatBuilder } from "@grafana/grafana-foundation-sdk/stat";
import { PanelBuilder as TimeSeriesBuilder } from "@grafana/grafana-foundation-sdk/timeseries";

/** A line, or a figure, of a panel. */
export interface Query {
  /** PromQL. */
  readonly expression: string;
  /** What it is called; `{{label}}` stands for a label's value. */
  readonly legend: string;
}

export interface Panel {
  readonly title: string;
  /** What a reader should know about it. @default nothing */
  readonly description?: string;
  /** Grafana's name of the unit, for example `s` or `percent`. @default a plain number */
  readonly unit?: string;
  readonly queries: readonly [Query, ...Query[]];
  /** Shown as figures, red below 1 and green from there. @default as lines over time */
  readonly health?: true;
}

export interface Dashboard {
  /** Part of its address, and name of its ConfigMap: lower case with dashes. */
  readonly uid: string;
  readonly title: string;
  readonly tags: readonly string[];
  /** Two in a row. */
  readonly panels: readonly Panel[];
}

/** The data source that the Prometheus chart declares. */
const prometheus = { type: "prometheus", uid: "prometheus" };

/** A grid of 24 columns. */
const SIZE = { width: 12, height: 8 };

/**
 * A dashboard as Grafana reads it, with times as people in Istanbul read them. Of the classic schema, which is what
 * dashboards that come as ConfigMaps are written in.
 */
/* eslint-disable @typescript-eslint/no-deprecated -- The newer schema cannot be loaded from a file. */
export function grafanaDashboard({ uid, title, tags, panels }: Dashboard): dashboard.Dashboard {
  const builder = new dashboard.DashboardBuilder(title)
    .uid(uid)
    .tags([...tags])
    .timezone("Europe/Istanbul")
    .readonly()
    .refresh("30s")
    .time({ from: "now-3h", to: "now" })
    .tooltip(dashboard.DashboardCursorSync.Crosshair);
  for (const [index, panel] of panels.entries()) builder.withPanel(grafanaPanel(panel, index));
  return builder.build();
}
/* eslint-enable @typescript-eslint/no-deprecated */

function grafanaPanel(panel: Panel, index: number) {
  const builder = panel.health === true ? healthPanel() : new TimeSeriesBuilder().min(0).fillOpacity(10);
  builder
    .id(index + 1)
    .title(panel.title)
    .unit(panel.unit ?? "short")
    .datasource(prometheus)
    .gridPos({
      x: (index % 2) * SIZE.width,
      y: Math.floor(index / 2) * SIZE.height,
      w: SIZE.width,
      h: SIZE.height,
    })
    .targets(
      panel.queries.map(({ expression, legend }, position) =>
        new DataqueryBuilder()
          .refId(String.fromCharCode("A".charCodeAt(0) + position))
          .datasource(prometheus)
          .expr(expression)
          .legendFormat(legend),
      ),
    );
  if (panel.description !== undefined) builder.description(panel.description);
  return builder;
}

function healthPanel(): StatBuilder {
  const steps = [
    { color: "red", value: null },
    { color: "green", value: 1 },
  ];
  return new StatBuilder().thresholds(
    new dashboard.ThresholdsConfigBuilder().mode(dashboard.ThresholdsMode.Absolute).steps(steps),
  );
}
