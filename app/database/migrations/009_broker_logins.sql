-- Log-ins at the broker before they are proven, keys of customers, and users who may not trade.

-- What follows reads and writes rows of all users.
SELECT set_config('app.user_id', 'system', true);

-- A log-in that waits for its SMS code, one a user: until then nothing is known of whose customer number it is, and
-- nothing of the user's account has changed. Token and key are sealed by the application.
CREATE TABLE broker_logins (
  user_id           uuid PRIMARY KEY,
  login_id          uuid NOT NULL,
  customer_hash     bytea NOT NULL,
  token             bytea NOT NULL,
  -- Null where it goes by the platform's key.
  api_key           bytea,
  -- Null leaves the account's as it is.
  sub_account       text CHECK (sub_account ~ '^[0-9A-Za-z-]{0,32}$'),
  feeds_market_data boolean NOT NULL,
  expires_at        timestamptz NOT NULL
);
CREATE INDEX broker_logins_expires_idx ON broker_logins (expires_at);
CALL protect_rows('broker_logins', reporting => false);

-- The API key that a user's next log-in goes by, sealed by the application.
CREATE TABLE broker_api_keys (
  user_id  uuid PRIMARY KEY,
  api_key  bytea NOT NULL,
  given_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CALL protect_rows('broker_api_keys', reporting => false);

-- A session's calls go by the key that it was opened with; null for the platform's.
ALTER TABLE algolab_sessions ADD COLUMN api_key bytea;
ALTER TABLE algolab_sessions DROP CONSTRAINT algolab_sessions_termination_reason_check;
ALTER TABLE algolab_sessions ADD CONSTRAINT algolab_sessions_termination_reason_check
  CHECK (termination_reason IN ('REPLACED', 'LOGOUT', 'EXPIRED', 'SUSPENDED'));

-- When an SMS code proved the customer number. The release before claims numbers without proof: those bar nobody.
ALTER TABLE broker_accounts ADD COLUMN customer_proven_at timestamptz;
UPDATE broker_accounts AS account SET customer_proven_at = created_at
WHERE EXISTS (SELECT FROM algolab_sessions WHERE account_id = account.account_id AND last_refresh_at IS NOT NULL)
   OR EXISTS (SELECT FROM orders WHERE account_id = account.account_id)
   OR EXISTS (SELECT FROM account_views WHERE account_id = account.account_id);

-- Which kinds there are is the application's to know.
ALTER TABLE account_views DROP CONSTRAINT account_views_kind_check;

-- Users who may not trade, whoever issues their tokens. For those of this platform a trigger keeps it, so that no way of
-- changing a user's status can leave it out, and broker-integration finds it whenever it looks.
CREATE TABLE suspended_users (
  user_id      uuid PRIMARY KEY,
  status       text NOT NULL CHECK (status IN ('SUSPENDED', 'DEACTIVATED')),
  suspended_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CALL protect_rows('suspended_users');
INSERT INTO suspended_users (user_id, status) SELECT user_id, status FROM users WHERE status <> 'ACTIVE';

CREATE FUNCTION follow_user_status() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.status = 'ACTIVE' THEN
    DELETE FROM suspended_users WHERE user_id = NEW.user_id;
  ELSE
    INSERT INTO suspended_users (user_id, status) VALUES (NEW.user_id, NEW.status)
    ON CONFLICT (user_id) DO UPDATE SET status = excluded.status;
    PERFORM pg_notify('user_suspended', NEW.user_id::text);
  END IF;
  RETURN NULL;
END
$$;
CREATE TRIGGER user_status_changed AFTER UPDATE OF status ON users
  FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status)
  EXECUTE FUNCTION follow_user_status();

ALTER TABLE user_sessions DROP CONSTRAINT user_sessions_end_reason_check;
ALTER TABLE user_sessions ADD CONSTRAINT user_sessions_end_reason_check CHECK (end_reason IN
  ('LOGOUT', 'TERMINATED', 'PASSWORD_CHANGED', 'DEACTIVATED', 'SUSPENDED', 'REFRESH_REUSED', 'TOO_MANY_SESSIONS'));

-- Who did what is written down to a user by somebody else, and why.
ALTER TABLE security_events ADD COLUMN actor_id uuid, ADD COLUMN reason text CHECK (length(reason) <= 500);

-- What a user has under way at the broker, for whoever suspends: sees what the caller's rows are.
CREATE FUNCTION order_counts(of_user uuid, OUT not_sent bigint, OUT at_broker bigint) LANGUAGE sql STABLE AS $$
  SELECT count(*) FILTER (WHERE status = 'CREATED'), count(*) FILTER (WHERE status <> 'CREATED')
  FROM orders WHERE user_id = of_user AND status IN ('CREATED', 'SUBMITTING', 'UNKNOWN', 'ACCEPTED', 'PARTIALLY_FILLED')
$$;
