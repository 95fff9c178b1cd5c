-- Statements that users asked for, a row for each period, kept for a day: the broker's rows, and what was understood of them.
CREATE TABLE account_statements (
  account_id   uuid NOT NULL REFERENCES broker_accounts (account_id),
  sub_account  text NOT NULL,
  from_date    date NOT NULL,
  until_date   date NOT NULL,
  user_id      uuid NOT NULL,
  content      jsonb,
  as_of        timestamptz,
  requested_at timestamptz,
  failure      text,
  failed_at    timestamptz,
  created_at   timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (account_id, sub_account, from_date, until_date),
  CHECK (from_date <= until_date),
  CHECK ((content IS NULL) = (as_of IS NULL)),
  CHECK ((failure IS NULL) = (failed_at IS NULL))
);
CREATE INDEX account_statements_created_idx ON account_statements (created_at);
-- What moved in an account is for its owner alone.
CALL protect_rows('account_statements', reporting => false);
