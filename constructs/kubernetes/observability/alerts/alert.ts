/** One row of an alert table: when an operator is told, and what of. */
export interface Alert {
  /** In PascalCase; its page is `docs/runbooks/<the name in lower case with dashes>.md`. */
  readonly name: string;
  /** PromQL: each series that it yields is one alert. */
  readonly expression: string;
  /** Minutes for which it has to hold. */
  readonly forMinutes: number;
  /** Whether somebody is woken, or looks at it in the morning. */
  readonly severity: "critical" | "warning";
  /** One line; `{{ $labels.x }}` and `{{ $value }}` stand for what was found. */
  readonly summary: string;
}

/** Alerts that are evaluated together. */
export interface AlertGroup {
  readonly name: string;
  readonly alerts: readonly Alert[];
}

/** Name of the page about an alert: `HighCPUUsage` is `high-cpu-usage`. */
export function runbookOf({ name }: Pick<Alert, "name">): string {
  return name
    .replace(/([A-Z]+)([A-Z][a-z])/g, "$1-$2")
    .replace(/([a-z\d])([A-Z])/g, "$1-$2")
    .toLowerCase();
}
