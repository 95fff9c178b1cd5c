import type { TimeSeries } from "../../../../config/schema/time-series";
import type { AlertGroup } from "./alert";
import { calendarAlerts } from "./calendar-alerts";
import { certificateAlerts } from "./certificate-alerts";
import { jobAlerts } from "./job-alerts";
import { marketDataAlerts } from "./market-data-alerts";
import { nodeAlerts } from "./node-alerts";
import { orderAlerts } from "./order-alerts";
import { serviceAlerts } from "./service-alerts";
import { timeSeriesAlerts } from "./time-series-alerts";

export interface AlertGroupsProps {
  /** Where the application runs. */
  readonly namespace: string;
  /** Seconds by which the broker holds ticks back. */
  readonly feedDelaySeconds: number;
  /** Where market data is kept: a server of its own has alerts of its own. */
  readonly timeSeries: TimeSeries;
}

/** Every alert of the platform's own: the setup guide's six by their names, and what else an operator acts on. */
export function alertGroups({ namespace, feedDelaySeconds, timeSeries }: AlertGroupsProps): readonly AlertGroup[] {
  return [
    nodeAlerts,
    serviceAlerts(namespace),
    marketDataAlerts(feedDelaySeconds),
    orderAlerts,
    calendarAlerts,
    jobAlerts(namespace),
    certificateAlerts,
    ...timeSeriesAlerts(timeSeries, namespace),
  ];
}
