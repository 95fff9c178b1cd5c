/** One row of an alarm table: when an operator is called, and what for. */
export interface Alarm {
  /** Ends the alarm's name and is its construct id: lower case with dashes. */
  readonly name: string;
  readonly metric: {
    readonly namespace: string;
    readonly name: string;
    readonly dimensions: Readonly<Record<string, string>>;
    readonly statistic: "Average" | "Maximum" | "Minimum" | "Sum";
    /** @default 60 */
    readonly periodSeconds?: number;
  };
  /** It is raised when the metric is on the wrong side of the threshold, in the metric's unit. */
  readonly raisedWhen: "above" | "below";
  readonly threshold: number;
  /** For how many periods in a row. @default 5 */
  readonly periods?: number;
  /** What silence means. @default nothing: a metric that is not reported raises no alarm */
  readonly silence?: "nothing" | "raises";
  /** What is wrong, and what to do about it. */
  readonly description: string;
}
