-- When the API key came with the very log-in; null where the log-in goes by one that was known. Only a key that was given is
-- kept when the log-in is proven, and only while none was given after it.
ALTER TABLE broker_logins ADD COLUMN api_key_given_at timestamptz;

-- The sub-account that the session's log-in named, while it is not the account's: the broker has not listed it yet, or it
-- cannot be chosen, for the reason beside it.
ALTER TABLE algolab_sessions
  ADD COLUMN wanted_sub_account text CHECK (wanted_sub_account ~ '^[0-9A-Za-z-]{0,32}$'),
  ADD COLUMN sub_account_problem text;

-- The release before calls with the platform's key, whatever a session was opened with: the broker answers 401, and it ends the
-- session. So an account whose session has a key of its own is leased only to a process that says it knows of such keys.
CREATE FUNCTION guard_lease() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.lease_owner IS NOT NULL AND current_setting('app.calls_with_session_keys', true) IS DISTINCT FROM 'on'
    AND EXISTS (SELECT FROM algolab_sessions WHERE account_id = NEW.account_id AND active AND api_key IS NOT NULL) THEN
    RETURN NULL;
  END IF;
  RETURN NEW;
END
$$;
CREATE TRIGGER lease_guarded BEFORE UPDATE OF lease_owner, lease_expires_at ON broker_accounts
  FOR EACH ROW EXECUTE FUNCTION guard_lease();

-- Why trading of a user of another issuer was stopped, or let go on: such a user has no row that security_events could name.
CREATE TABLE suspension_events (
  event_id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id     uuid NOT NULL,
  kind        text NOT NULL CHECK (kind IN ('SUSPENDED', 'DEACTIVATED', 'REACTIVATED')),
  -- With who did it, where the operator's tool did.
  reason      text NOT NULL CHECK (length(reason) BETWEEN 1 AND 500),
  happened_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX suspension_events_user_idx ON suspension_events (user_id, happened_at DESC);
CALL protect_rows('suspension_events');
CREATE TRIGGER suspension_events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON suspension_events
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
