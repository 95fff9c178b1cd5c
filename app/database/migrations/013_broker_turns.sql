-- Limits that a user waits for: an order, or a new price, is refused by limits that the broker stated for it alone.
CREATE TABLE price_limit_requests (
  account_id   uuid NOT NULL REFERENCES broker_accounts (account_id),
  symbol       text NOT NULL,
  user_id      uuid NOT NULL,
  requested_at timestamptz NOT NULL,
  -- When the call began that was answered last, and the one that was not.
  answered_at  timestamptz,
  failed_at    timestamptz,
  PRIMARY KEY (account_id, symbol)
);
CALL protect_rows('price_limit_requests', reporting => false);

-- Until when the next call of a customer is that of a log-in, which a person waits for.
ALTER TABLE broker_call_slots ADD COLUMN reserved_until timestamptz;
