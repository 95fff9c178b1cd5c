-- An order whose end nobody saw is UNKNOWN from its day's end on, until the account statement shows what became of it.
INSERT INTO order_transitions VALUES
  ('ACCEPTED', 'UNKNOWN'), ('PARTIALLY_FILLED', 'UNKNOWN'),
  ('UNKNOWN', 'FILLED'), ('UNKNOWN', 'CANCELLED'), ('UNKNOWN', 'EXPIRED');

-- When the broker's list of a day was last read with every open order of the account in it.
CREATE TABLE broker_lists (
  account_id  uuid NOT NULL REFERENCES broker_accounts (account_id),
  trading_day date NOT NULL,
  user_id     uuid NOT NULL,
  read_at     timestamptz NOT NULL,
  PRIMARY KEY (account_id, trading_day)
) WITH (fillfactor = 50);
CALL protect_rows('broker_lists');

-- The broker reports sums only: the price of a step between two of them is derived, and bounded.
ALTER TABLE executions ADD COLUMN price_derived boolean NOT NULL DEFAULT false;
ALTER TABLE transactions ADD COLUMN price_derived boolean NOT NULL DEFAULT false;

-- Requests of an order, to tell a refusal from that of the request before.
CREATE INDEX IF NOT EXISTS order_requests_order_idx ON order_requests (order_id, created_at);

-- Limits can change within the day: they are asked for again before an order is refused by old ones.
ALTER TABLE price_limits ADD COLUMN read_at timestamptz NOT NULL DEFAULT now();

-- Why a view could not be fetched when it was last asked for.
ALTER TABLE account_views ADD COLUMN failed_at timestamptz, ADD COLUMN failure text,
  ADD CHECK ((failure IS NULL) = (failed_at IS NULL));
