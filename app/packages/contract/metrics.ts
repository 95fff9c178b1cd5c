/**
 * Every metric that the application exposes at `/actuator/prometheus`: what alert rules and dashboards may name.
 * Each carries a `service` label in addition to those listed here. Imports nothing.
 */
export interface MetricContract {
  /** Name on the wire, in the unit that its suffix says. */
  readonly name: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly help: string;
  readonly labels: readonly string[];
  /** Upper bounds of a histogram, in the metric's unit. */
  readonly buckets?: readonly number[];
}

const latencyBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;

export const metrics = {
  httpRequests: {
    name: "http_requests_total",
    type: "counter",
    help: "HTTP requests answered.",
    labels: ["method", "route", "status"],
  },
  httpRequestDuration: {
    name: "http_request_duration_seconds",
    type: "histogram",
    help: "Time from the request's first byte to the end of its answer.",
    labels: ["method", "route", "status"],
    buckets: latencyBuckets,
  },
  rateLimited: {
    name: "http_requests_rate_limited_total",
    type: "counter",
    help: "HTTP requests refused because a rate limit was used up.",
    labels: ["rule"],
  },

  // `database` is the contract's `DatabaseKey`: market-data has a second pool where the time series have a server of their own.
  databaseConnectionsActive: {
    name: "database_pool_connections_active",
    type: "gauge",
    help: "Database connections in use.",
    labels: ["database"],
  },
  databaseConnectionsIdle: {
    name: "database_pool_connections_idle",
    type: "gauge",
    help: "Open database connections not in use.",
    labels: ["database"],
  },
  databaseConnectionsMax: {
    name: "database_pool_connections_max",
    type: "gauge",
    help: "Most connections that this process opens to a database.",
    labels: ["database"],
  },
  databaseConnectionsWaiting: {
    name: "database_pool_connections_waiting",
    type: "gauge",
    help: "Callers that wait for a database connection.",
    labels: ["database"],
  },
  databaseStatementSeconds: {
    name: "database_statement_seconds",
    type: "gauge",
    help: "Time that the database has spent on a statement of the services, by its own statistics.",
    labels: ["database", "id", "statement"],
  },
  databaseStatementCalls: {
    name: "database_statement_calls",
    type: "gauge",
    help: "Times that the database has run a statement of the services, by its own statistics.",
    labels: ["database", "id", "statement"],
  },

  cacheUp: {
    name: "cache_up",
    type: "gauge",
    help: "1 while Redis takes the writes of this process and brings it what others publish, 0 otherwise.",
    labels: [],
  },

  webSocketConnections: {
    name: "websocket_connections",
    type: "gauge",
    help: "Open WebSocket connections.",
    labels: ["endpoint"],
  },
  webSocketMessagesSent: {
    name: "websocket_messages_sent_total",
    type: "counter",
    help: "Messages handed to WebSocket clients.",
    labels: ["endpoint"],
  },
  webSocketRefusals: {
    name: "websocket_refusals_total",
    type: "counter",
    help: "WebSocket connections refused or closed by the server, by reason.",
    labels: ["endpoint", "reason"],
  },

  logins: {
    name: "logins_total",
    type: "counter",
    help: "Attempts to sign in, by outcome.",
    labels: ["outcome"],
  },
  refreshReuse: {
    name: "refresh_token_reuse_total",
    type: "counter",
    help: "Refresh tokens presented a second time: each has revoked its session.",
    labels: [],
  },

  marketTicksProcessed: {
    name: "market_ticks_processed_total",
    type: "counter",
    help: "Ticks committed to the database.",
    labels: [],
  },
  marketDataLag: {
    name: "market_data_processing_lag_seconds",
    type: "gauge",
    help: "Time from the exchange's timestamp to the commit, of the newest committed tick.",
    labels: [],
  },
  marketTicksRejected: {
    name: "market_ticks_rejected_total",
    type: "counter",
    help: "Ticks of the broker that were not usable, by what was wrong.",
    labels: ["reason"],
  },
  marketTicksRepeated: {
    name: "market_ticks_repeated_total",
    type: "counter",
    help: "Ticks that the broker repeated after a reconnection.",
    labels: [],
  },
  marketTicksBacklog: {
    name: "market_ticks_backlog",
    type: "gauge",
    help: "Ticks received and not yet committed.",
    labels: [],
  },
  marketFeedHeld: {
    name: "market_feed_held",
    type: "gauge",
    help: "1 on the replica that leads: it alone connects to the broker's feed.",
    labels: [],
  },
  marketFeedUp: {
    name: "market_feed_up",
    type: "gauge",
    help: "1 while this replica is connected to the broker's feed.",
    labels: [],
  },
  marketSessionOpen: {
    name: "market_session_open",
    type: "gauge",
    help: "1 while shares trade continuously at the exchange, by its calendar.",
    labels: [],
  },
  tradingCalendarEnd: {
    name: "trading_calendar_end_timestamp_seconds",
    type: "gauge",
    help: "When the last year ends whose holidays the exchange's calendar has, in seconds since the epoch.",
    labels: [],
  },
  marketFeedReconnections: {
    name: "market_feed_reconnections_total",
    type: "counter",
    help: "Connections to the broker's feed that ended, by reason.",
    labels: ["reason"],
  },
  marketHistoryRequests: {
    name: "market_history_requests_total",
    type: "counter",
    help: "Times that the broker was asked for candles, by outcome: fetched, empty where it has none of the symbol, or failed.",
    labels: ["outcome"],
  },
  marketCatchUps: {
    name: "market_stream_catch_ups_total",
    type: "counter",
    help: "Times that committed ticks were read from the database because fan-out had not brought them.",
    labels: [],
  },

  algolabRequests: {
    name: "algolab_requests_total",
    type: "counter",
    help: "Calls to the broker, by endpoint and outcome.",
    labels: ["endpoint", "outcome"],
  },
  algolabRequestDuration: {
    name: "algolab_request_duration_seconds",
    type: "histogram",
    help: "Time from sending a call to the broker to the end of its answer.",
    labels: ["endpoint"],
    buckets: latencyBuckets,
  },
  algolabCallsWaiting: {
    name: "algolab_calls_waiting",
    type: "gauge",
    help: "Calls to the broker that wait for their turn.",
    labels: [],
  },
  algolabUnreadable: {
    name: "algolab_unreadable_total",
    type: "counter",
    help: "Fields of the broker's answers that could not be read, by endpoint and field; the field is answer where all of it could not.",
    labels: ["endpoint", "field"],
  },
  brokerAccountsHeld: {
    name: "broker_accounts_held",
    type: "gauge",
    help: "Accounts whose lease this process holds.",
    labels: [],
  },
  orderSubmissions: {
    name: "order_submissions_total",
    type: "counter",
    help: "Orders sent to the broker, by what was known of each right after: accepted, rejected or unknown.",
    labels: ["outcome"],
  },
  ordersUnknown: {
    name: "orders_unknown",
    type: "gauge",
    help: "Orders whose outcome is not known yet, of the accounts that this process holds, by reason: answer (it was not seen) or end (its day ended unseen).",
    labels: ["reason"],
  },
  ordersUnknownAge: {
    name: "orders_unknown_age_seconds",
    type: "gauge",
    help: "For how long the order has been in doubt that has been longest, of any account, by reason: answer (it was not seen) or end (its day ended unseen); 0 when none is.",
    labels: ["reason"],
  },
  eventsWaiting: {
    name: "trading_events_waiting_seconds",
    type: "gauge",
    help: "Age of the oldest committed event that the outbox relay has not published; grows while the relay cannot read the outbox.",
    labels: [],
  },
  ordersAmbiguous: {
    name: "orders_ambiguous_total",
    type: "counter",
    help: "Times that an unknown order could be one of several at the broker: a person must decide.",
    labels: [],
  },
  orderEndsContradicted: {
    name: "order_ends_contradicted_total",
    type: "counter",
    help: "Times that the broker listed an order that ended here otherwise, by what differs: filled, status, or that it was called absent.",
    labels: ["field"],
  },
  brokerOrdersUnclaimed: {
    name: "broker_orders_unclaimed",
    type: "gauge",
    help: "Orders that the broker listed last for an account and that belong to no order here.",
    labels: [],
  },
} as const satisfies Record<string, MetricContract>;
