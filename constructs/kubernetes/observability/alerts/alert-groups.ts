import type { AlertGroup } from "./alert";
import { calendarAlerts } from "./calendar-alerts";
import { certificateAlerts } from "./certificate-alerts";
import { jobAlerts } from "./job-alerts";
import { marketDataAlerts } from "./market-data-alerts";
import { nodeAlerts } from "./node-alerts";
import { orderAlerts } from "./order-alerts";
import { serviceAlerts } from "./service-alerts";

export interface AlertGroupsProps {
  /** Where the application runs. */
  readonly namespace: string;
  /** Seconds by which the broker holds ticks back. */
  readonly feedDelaySeconds: number;
}

/** Every alert of the platform's own: the setup guide's six by their names, and what else an operator acts on. */
export function alertGroups({ namespace, feedDelaySeconds }: AlertGroupsProps): readonly AlertGroup[] {
  return [
    nodeAlerts,
    serviceAlerts(namespace),
    marketDataAlerts(feedDelaySeconds),
    orderAlerts,
    calendarAlerts,
    jobAlerts(namespace),
    certificateAlerts,
  ];
}
