-- Accounts at the broker, orders and what becomes of them. No reference to users: orders outlive their user, and the
-- users of an external issuer have no row there.

-- One account at the broker belongs to one user, and one replica at a time talks to the broker for it.
CREATE TABLE broker_accounts (
  account_id        uuid PRIMARY KEY,
  user_id           uuid NOT NULL,
  -- Keyed hash of the customer number, which may be a national id: enough to see that it is the same customer.
  customer_hash     bytea NOT NULL,
  sub_account       text NOT NULL DEFAULT '' CHECK (sub_account ~ '^[0-9A-Za-z-]{0,32}$'),
  feeds_market_data boolean NOT NULL DEFAULT false,
  lease_owner       uuid,
  lease_expires_at  timestamptz,
  created_at        timestamptz NOT NULL DEFAULT now(),
  CHECK ((lease_owner IS NULL) = (lease_expires_at IS NULL))
);
CREATE UNIQUE INDEX broker_accounts_user_key ON broker_accounts (user_id);
CREATE UNIQUE INDEX broker_accounts_customer_key ON broker_accounts (customer_hash);
CALL protect_rows('broker_accounts');

-- A login at the broker: a token until the SMS code came, a hash from then on. Both are sealed by the application.
CREATE TABLE algolab_sessions (
  session_id          uuid PRIMARY KEY,
  account_id          uuid NOT NULL REFERENCES broker_accounts (account_id),
  user_id             uuid NOT NULL,
  token               bytea NOT NULL,
  hash                bytea,
  active              boolean NOT NULL DEFAULT false,
  expires_at          timestamptz NOT NULL,
  last_refresh_at     timestamptz,
  websocket_connected boolean NOT NULL DEFAULT false,
  termination_reason  text CHECK (termination_reason IN ('REPLACED', 'LOGOUT', 'EXPIRED')),
  created_at          timestamptz NOT NULL DEFAULT now(),
  CHECK (NOT active OR hash IS NOT NULL)
);
CREATE UNIQUE INDEX algolab_sessions_active_key ON algolab_sessions (account_id) WHERE active;
CREATE INDEX algolab_sessions_account_idx ON algolab_sessions (account_id, created_at DESC);
CALL protect_rows('algolab_sessions', reporting => false);

-- What may follow what in the life of an order. The application keeps the same table; a test compares them.
CREATE TABLE order_transitions (
  from_status text NOT NULL,
  to_status   text NOT NULL,
  PRIMARY KEY (from_status, to_status)
);
INSERT INTO order_transitions VALUES
  ('CREATED', 'SUBMITTING'), ('CREATED', 'REJECTED'), ('CREATED', 'CANCELLED'),
  ('SUBMITTING', 'ACCEPTED'), ('SUBMITTING', 'REJECTED'), ('SUBMITTING', 'UNKNOWN'),
  ('UNKNOWN', 'ACCEPTED'), ('UNKNOWN', 'REJECTED'),
  ('ACCEPTED', 'ACCEPTED'), ('ACCEPTED', 'PARTIALLY_FILLED'), ('ACCEPTED', 'FILLED'), ('ACCEPTED', 'CANCELLED'),
  ('ACCEPTED', 'REJECTED'), ('ACCEPTED', 'EXPIRED'),
  ('PARTIALLY_FILLED', 'PARTIALLY_FILLED'), ('PARTIALLY_FILLED', 'FILLED'), ('PARTIALLY_FILLED', 'CANCELLED'),
  ('PARTIALLY_FILLED', 'EXPIRED');

CREATE TABLE orders (
  order_id           uuid PRIMARY KEY,
  -- The user's own name for the order: at most one submission for each, for ever.
  client_order_id    text NOT NULL CHECK (length(client_order_id) BETWEEN 1 AND 255),
  user_id            uuid NOT NULL,
  account_id         uuid NOT NULL REFERENCES broker_accounts (account_id),
  symbol             text NOT NULL,
  side               text NOT NULL CHECK (side IN ('BUY', 'SELL')),
  order_type         text NOT NULL CHECK (order_type IN ('LIMIT', 'MARKET')),
  time_in_force      text NOT NULL DEFAULT 'DAY' CHECK (time_in_force = 'DAY'),
  quantity           numeric(18, 0) NOT NULL CHECK (quantity > 0),
  price              numeric(18, 2) CHECK (price > 0),
  filled_quantity    numeric(18, 0) NOT NULL DEFAULT 0,
  average_fill_price numeric(18, 6),
  status             text NOT NULL DEFAULT 'CREATED',
  status_reason      text,
  -- Counts changes; every change names the version that it replaces.
  version            integer NOT NULL DEFAULT 1,
  -- Istanbul date of the submission: references of the broker are unique within it, and orders end with it.
  trading_day        date,
  broker_reference   text,
  exchange_order_id  text,
  created_at         timestamptz NOT NULL DEFAULT clock_timestamp(),
  submitting_at      timestamptz,
  unknown_at         timestamptz,
  updated_at         timestamptz NOT NULL DEFAULT clock_timestamp(),
  completed_at       timestamptz,
  CHECK ((order_type = 'LIMIT') = (price IS NOT NULL)),
  CHECK (filled_quantity BETWEEN 0 AND quantity),
  CHECK ((filled_quantity = 0) = (average_fill_price IS NULL)),
  CHECK (status <> 'FILLED' OR filled_quantity = quantity),
  CHECK (broker_reference IS NULL OR trading_day IS NOT NULL)
);
CREATE UNIQUE INDEX orders_client_order_key ON orders (user_id, client_order_id);
-- One order of the broker is one order here.
CREATE UNIQUE INDEX orders_broker_reference_key ON orders (account_id, trading_day, broker_reference);
CREATE INDEX idx_orders_user_status ON orders (user_id, status, created_at DESC);
CREATE INDEX orders_user_created_idx ON orders (user_id, created_at DESC, order_id);
CREATE INDEX orders_unfinished_idx ON orders (account_id, created_at)
  WHERE status IN ('CREATED', 'SUBMITTING', 'UNKNOWN', 'ACCEPTED', 'PARTIALLY_FILLED');
CALL protect_rows('orders');

CREATE FUNCTION check_order_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.version <> OLD.version + 1 THEN
    RAISE EXCEPTION 'order % changes from version % to %; expected the next one', OLD.order_id, OLD.version, NEW.version
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF NOT EXISTS (SELECT FROM order_transitions WHERE from_status = OLD.status AND to_status = NEW.status) THEN
    RAISE EXCEPTION 'order % cannot go from % to %', OLD.order_id, OLD.status, NEW.status
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF NEW.filled_quantity < OLD.filled_quantity THEN
    RAISE EXCEPTION 'order % cannot lose fills', OLD.order_id USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END
$$;
CREATE TRIGGER order_change BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION check_order_change();

-- Requests to cancel or reprice an open order, one at a time for each.
CREATE TABLE order_requests (
  request_id uuid PRIMARY KEY,
  order_id   uuid NOT NULL REFERENCES orders (order_id),
  user_id    uuid NOT NULL,
  account_id uuid NOT NULL REFERENCES broker_accounts (account_id),
  kind       text NOT NULL CHECK (kind IN ('CANCEL', 'MODIFY')),
  price      numeric(18, 2) CHECK (price > 0),
  status     text NOT NULL DEFAULT 'PENDING' CHECK (status IN ('PENDING', 'SENT', 'DONE', 'REFUSED', 'UNKNOWN')),
  reason     text,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  sent_at    timestamptz,
  settled_at timestamptz,
  CHECK ((kind = 'MODIFY') = (price IS NOT NULL))
);
CREATE UNIQUE INDEX order_requests_open_key ON order_requests (order_id) WHERE status IN ('PENDING', 'SENT', 'UNKNOWN');
CREATE INDEX order_requests_account_idx ON order_requests (account_id, created_at)
  WHERE status IN ('PENDING', 'SENT', 'UNKNOWN');
CALL protect_rows('order_requests');

-- References that the broker has shown us, and since when: what was there before a submission cannot come from it.
CREATE TABLE broker_orders (
  account_id    uuid NOT NULL REFERENCES broker_accounts (account_id),
  trading_day   date NOT NULL,
  reference     text NOT NULL,
  user_id       uuid NOT NULL,
  first_seen_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (account_id, trading_day, reference)
);
CALL protect_rows('broker_orders');

-- The broker tells sums, so an execution is the step from one sum to the next.
CREATE TABLE executions (
  execution_id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  order_id            uuid NOT NULL REFERENCES orders (order_id),
  user_id             uuid NOT NULL,
  account_id          uuid NOT NULL,
  symbol              text NOT NULL,
  side                text NOT NULL CHECK (side IN ('BUY', 'SELL')),
  quantity            numeric(18, 0) NOT NULL CHECK (quantity > 0),
  price               numeric(18, 6) NOT NULL CHECK (price > 0),
  cumulative_quantity numeric(18, 0) NOT NULL,
  executed_at         timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE UNIQUE INDEX executions_step_key ON executions (order_id, cumulative_quantity);
CREATE INDEX executions_user_idx ON executions (user_id, executed_at DESC);
CALL protect_rows('executions');

CREATE TABLE transactions (
  transaction_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id          uuid NOT NULL,
  account_id       uuid NOT NULL,
  execution_id     bigint NOT NULL REFERENCES executions (execution_id),
  transaction_type text NOT NULL CHECK (transaction_type IN ('BUY', 'SELL')),
  symbol           text NOT NULL,
  quantity         numeric(18, 0) NOT NULL,
  price            numeric(18, 6) NOT NULL,
  amount           numeric(24, 6) NOT NULL,
  currency         text NOT NULL DEFAULT 'TRY',
  transaction_date timestamptz NOT NULL,
  settlement_date  date NOT NULL
);
CREATE UNIQUE INDEX transactions_execution_key ON transactions (execution_id);
CREATE INDEX idx_transactions_user_date ON transactions (user_id, transaction_date DESC);
CALL protect_rows('transactions');

-- Holdings as the broker last told them.
CREATE TABLE positions (
  account_id   uuid NOT NULL REFERENCES broker_accounts (account_id),
  symbol       text NOT NULL,
  user_id      uuid NOT NULL,
  quantity     numeric(18, 0) NOT NULL,
  average_cost numeric(18, 6) NOT NULL,
  last_price   numeric(18, 6) NOT NULL,
  market_value numeric(24, 6) NOT NULL,
  profit       numeric(24, 6) NOT NULL,
  PRIMARY KEY (account_id, symbol)
);
CREATE INDEX positions_user_idx ON positions (user_id);
CALL protect_rows('positions');

-- What was asked of the broker for an account, and when it was last answered.
CREATE TABLE account_views (
  account_id   uuid NOT NULL REFERENCES broker_accounts (account_id),
  kind         text NOT NULL CHECK (kind IN ('POSITIONS', 'CASH_FLOW', 'PORTFOLIO')),
  user_id      uuid NOT NULL,
  content      jsonb,
  as_of        timestamptz,
  requested_at timestamptz,
  PRIMARY KEY (account_id, kind),
  CHECK ((content IS NULL) = (as_of IS NULL))
);
CALL protect_rows('account_views');

-- Daily price limits as the broker states them.
CREATE TABLE price_limits (
  symbol      text NOT NULL,
  trading_day date NOT NULL,
  floor       numeric(18, 2) NOT NULL,
  ceiling     numeric(18, 2) NOT NULL,
  PRIMARY KEY (symbol, trading_day),
  CHECK (floor <= ceiling)
);

-- First answers to requests that may come again.
CREATE TABLE idempotency_keys (
  user_id      uuid NOT NULL,
  key          text NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
  request_hash bytea NOT NULL,
  status       integer NOT NULL,
  answer       jsonb NOT NULL,
  created_at   timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (user_id, key)
);
CREATE INDEX idempotency_keys_created_idx ON idempotency_keys (created_at);
CALL protect_rows('idempotency_keys');

-- Events that committed together with what they tell of, on their way to whoever listens.
CREATE TABLE outbox (
  event_id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id      uuid NOT NULL,
  type         text NOT NULL,
  payload      jsonb NOT NULL,
  created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  published_at timestamptz
);
CREATE INDEX outbox_unpublished_idx ON outbox (event_id) WHERE published_at IS NULL;
CREATE INDEX outbox_published_idx ON outbox (published_at) WHERE published_at IS NOT NULL;
CALL protect_rows('outbox');

-- Wakes whoever tells events to the sockets, once a transaction.
CREATE FUNCTION announce_events() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('outbox', '');
  RETURN NULL;
END
$$;
CREATE TRIGGER outbox_filled AFTER INSERT ON outbox FOR EACH STATEMENT EXECUTE FUNCTION announce_events();
