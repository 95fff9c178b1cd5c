-- Users, their sessions, and what guards rows that belong to a user.

-- Row-level security asks these two. The application says for whom a transaction runs with
-- set_config('app.user_id', <uuid> or 'system', true); nothing set shows nothing.
CREATE FUNCTION acting_user() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT CASE
    WHEN current_setting('app.user_id', true) ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
    THEN current_setting('app.user_id', true)::uuid
  END
$$;

CREATE FUNCTION acting_as_system() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT coalesce(current_setting('app.user_id', true) = 'system', false)
$$;

-- Puts a table with a user_id column under row-level security, for its owner as well.
-- Reporting reads every row of it, unless the table holds secrets.
CREATE PROCEDURE protect_rows(protected regclass, reporting boolean DEFAULT true) LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', protected);
  EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', protected);
  EXECUTE format(
    'CREATE POLICY own_rows ON %s USING (user_id = (SELECT acting_user()) OR (SELECT acting_as_system()))', protected);
  IF reporting THEN
    EXECUTE format('CREATE POLICY reporting ON %s FOR SELECT TO readonly_user USING (true)', protected);
  END IF;
END
$$;

CREATE TABLE users (
  user_id        uuid PRIMARY KEY,
  email          text NOT NULL CHECK (email = lower(email) AND length(email) <= 254),
  first_name     text NOT NULL CHECK (length(first_name) BETWEEN 1 AND 100),
  last_name      text NOT NULL CHECK (length(last_name) BETWEEN 1 AND 100),
  phone_number   text CHECK (phone_number ~ '^\+90[0-9]{10}$'),
  roles          text[] NOT NULL DEFAULT '{USER}',
  status         text NOT NULL DEFAULT 'ACTIVE' CHECK (status IN ('ACTIVE', 'SUSPENDED', 'DEACTIVATED')),
  created_at     timestamptz NOT NULL DEFAULT now(),
  updated_at     timestamptz NOT NULL DEFAULT now(),
  deactivated_at timestamptz
);
CREATE UNIQUE INDEX users_email_key ON users (email);
CALL protect_rows('users');

-- What nobody but the sign-in reads: apart from users, so that no report shows it.
CREATE TABLE user_secrets (
  user_id             uuid PRIMARY KEY REFERENCES users (user_id) ON DELETE CASCADE,
  password_hash       text NOT NULL,
  password_changed_at timestamptz NOT NULL DEFAULT now(),
  -- TCKN: AES-256-GCM under the key named here, and a keyed hash for uniqueness.
  tckn_ciphertext     bytea,
  tckn_key_id         text,
  tckn_hash           bytea,
  CHECK ((tckn_ciphertext IS NULL) = (tckn_key_id IS NULL) AND (tckn_ciphertext IS NULL) = (tckn_hash IS NULL))
);
CREATE UNIQUE INDEX user_secrets_tckn_hash_key ON user_secrets (tckn_hash);
CALL protect_rows('user_secrets', reporting => false);

CREATE TABLE user_sessions (
  session_id   uuid PRIMARY KEY,
  user_id      uuid NOT NULL REFERENCES users (user_id) ON DELETE CASCADE,
  user_agent   text NOT NULL DEFAULT '' CHECK (length(user_agent) <= 512),
  ip_address   inet,
  created_at   timestamptz NOT NULL DEFAULT now(),
  last_used_at timestamptz NOT NULL DEFAULT now(),
  expires_at   timestamptz NOT NULL,
  ended_at     timestamptz,
  end_reason   text CHECK (end_reason IN
                 ('LOGOUT', 'TERMINATED', 'PASSWORD_CHANGED', 'DEACTIVATED', 'REFRESH_REUSED', 'TOO_MANY_SESSIONS')),
  CHECK ((ended_at IS NULL) = (end_reason IS NULL))
);
CREATE INDEX user_sessions_active_idx ON user_sessions (user_id, created_at) WHERE ended_at IS NULL;
CREATE INDEX user_sessions_ended_idx ON user_sessions (ended_at) WHERE ended_at IS NOT NULL;
CALL protect_rows('user_sessions');

-- Every refresh token that a session has had: a used one that comes back ends the session.
CREATE TABLE refresh_tokens (
  token_hash bytea PRIMARY KEY CHECK (length(token_hash) = 32),
  session_id uuid NOT NULL REFERENCES user_sessions (session_id) ON DELETE CASCADE,
  user_id    uuid NOT NULL REFERENCES users (user_id) ON DELETE CASCADE,
  created_at timestamptz NOT NULL DEFAULT now(),
  used_at    timestamptz,
  -- Replaced unused, because its answer seemed lost: whoever shows it is not who got the answer.
  superseded boolean NOT NULL DEFAULT false
);
CREATE INDEX refresh_tokens_session_idx ON refresh_tokens (session_id);
CALL protect_rows('refresh_tokens', reporting => false);

-- Failed sign-ins by a keyed hash of the e-mail address, whether or not it belongs to a user: both lock alike.
CREATE TABLE login_failures (
  email_hash      bytea PRIMARY KEY CHECK (length(email_hash) = 32),
  failures        integer NOT NULL CHECK (failures >= 0),
  last_failure_at timestamptz NOT NULL,
  locked_until    timestamptz NOT NULL
);
CREATE INDEX login_failures_age_idx ON login_failures (last_failure_at);

CREATE TABLE security_events (
  event_id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id     uuid NOT NULL REFERENCES users (user_id) ON DELETE CASCADE,
  kind        text NOT NULL,
  ip_address  inet,
  happened_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX security_events_user_idx ON security_events (user_id, happened_at DESC);
CALL protect_rows('security_events');

-- Every service hears of the end of a session at once, and can ask for what it missed.
CREATE FUNCTION announce_session_end() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('session_ended', NEW.session_id::text);
  RETURN NULL;
END
$$;
CREATE TRIGGER session_ended AFTER UPDATE OF ended_at ON user_sessions
  FOR EACH ROW WHEN (OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL)
  EXECUTE FUNCTION announce_session_end();

-- Ids only, so that services need not read the sessions of users.
CREATE FUNCTION sessions_ended_since(since timestamptz) RETURNS TABLE (session_id uuid)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  -- A clause SET app.user_id would be shorter, and only a superuser may write one, whom RDS does not have.
  actor text := coalesce(current_setting('app.user_id', true), '');
BEGIN
  PERFORM set_config('app.user_id', 'system', true);
  RETURN QUERY SELECT s.session_id FROM user_sessions s WHERE s.ended_at >= since;
  PERFORM set_config('app.user_id', actor, true);
END
$$;
