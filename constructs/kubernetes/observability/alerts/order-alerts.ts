import { metrics } from "../../../../app/packages/contract/metrics";
import { series } from "../promql";
import type { AlertGroup } from "./alert";

/** The broker's list settles what was not seen within seconds; after this a person has to look. */
const UNKNOWN_SECONDS = 300;
/** A counter that begins with what it counts has no increase: its first values count as one. */
const UNREADABLE = series(metrics.algolabUnreadable);
/** Events are told within a second of their commit. */
const WAITING_SECONDS = 30;

export const orderAlerts: AlertGroup = {
  name: "orders",
  alerts: [
    {
      name: "OrdersUnknownTooLong",
      expression: `max(${series(metrics.ordersUnknownAge)}) > ${UNKNOWN_SECONDS}`,
      forMinutes: 1,
      severity: "critical",
      summary: "What became of an order has not been known for {{ $value | humanizeDuration }}",
    },
    {
      name: "BrokerAnswersUnreadable",
      expression: `sum by (endpoint, field) (increase(${UNREADABLE}[15m]) > 0 or (${UNREADABLE} unless ${UNREADABLE} offset 15m))`,
      forMinutes: 0,
      severity: "warning",
      summary:
        "{{ $labels.field }} of the broker's {{ $labels.endpoint }} could not be read {{ $value | humanize }} times",
    },
    {
      name: "OutboxStuck",
      // Any replica may tell events: they are stuck when none does.
      expression: `min(${series(metrics.eventsWaiting)}) > ${WAITING_SECONDS}`,
      forMinutes: 1,
      severity: "critical",
      summary: "What happened to orders is told {{ $value | humanizeDuration }} late, or not at all",
    },
  ],
};
