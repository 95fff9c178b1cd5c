import { metrics } from "../../../../app/packages/contract/metrics";
import { series } from "../promql";
import type { AlertGroup } from "./alert";

/** The broker's list settles what was not seen within seconds; after this a person has to look. */
const UNKNOWN_SECONDS = 300;
const UNREADABLE = series(metrics.algolabUnreadable);
const CONTRADICTED = series(metrics.orderEndsContradicted);
/** Events are told within a second of their commit. */
const WAITING_SECONDS = 30;

/** How often a counter rose. One that begins with what it counts has no increase: its first values count as one. */
const rises = (counter: string, window: string): string =>
  `(increase(${counter}[${window}]) > 0 or (${counter} unless ${counter} offset ${window}))`;

export const orderAlerts: AlertGroup = {
  name: "orders",
  alerts: [
    {
      name: "OrdersUnknownTooLong",
      expression: `max(${series(metrics.ordersUnknownAge, { reason: "answer" })}) > ${UNKNOWN_SECONDS}`,
      forMinutes: 1,
      severity: "critical",
      summary: "What became of an order has not been known for {{ $value | humanizeDuration }}",
    },
    {
      // By itself: it may take days to be looked up, and would hide an answer that was not seen meanwhile.
      name: "OrderEndNotKnown",
      expression: `max(${series(metrics.ordersUnknownAge, { reason: "end" })}) > ${UNKNOWN_SECONDS}`,
      forMinutes: 1,
      severity: "warning",
      summary:
        "How an order ended that was open at its day's end has not been known for {{ $value | humanizeDuration }}",
    },
    {
      name: "BrokerAnswersUnreadable",
      expression: `sum by (endpoint, field) ${rises(UNREADABLE, "15m")}`,
      forMinutes: 0,
      severity: "warning",
      summary:
        "{{ $labels.field }} of the broker's {{ $labels.endpoint }} could not be read {{ $value | humanize }} times",
    },
    {
      name: "OrderEndContradicted",
      // Fills are booked, and the list may be quiet after that: an hour is time to see it.
      expression: `sum by (field) ${rises(CONTRADICTED, "1h")}`,
      forMinutes: 0,
      severity: "critical",
      summary: "The broker lists an order that ended here otherwise: {{ $labels.field }}",
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
