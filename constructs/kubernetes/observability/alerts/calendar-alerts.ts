import { metrics } from "../../../../app/packages/contract/metrics";
import { series } from "../promql";
import type { AlertGroup } from "./alert";

/** The exchange publishes a year's holidays in December: there is time to enter them twice over. */
const REMAINING_DAYS = 60;

export const calendarAlerts: AlertGroup = {
  name: "calendar",
  alerts: [
    {
      name: "TradingCalendarEnding",
      // Pods of one service may have different images and settings for a while: the nearest end counts.
      expression:
        `min by (service) (${series(metrics.tradingCalendarEnd)})` + ` - time() < ${REMAINING_DAYS * 24 * 60 * 60}`,
      forMinutes: 60,
      severity: "warning",
      summary: "The last year of holidays that {{ $labels.service }} knows ends in {{ $value | humanizeDuration }}",
    },
  ],
};
