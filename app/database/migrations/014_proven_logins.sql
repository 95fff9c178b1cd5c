-- When the API key came with the very log-in; null where the log-in goes by one that was known. Only a key that was given is
-- kept when the log-in is proven, and only while none was given after it.
ALTER TABLE broker_logins ADD COLUMN api_key_given_at timestamptz;

-- The sub-account that the session's log-in named, while it is not the account's: the broker has not listed it yet, or it
-- cannot be chosen, for the reason beside it.
ALTER TABLE algolab_sessions
  ADD COLUMN wanted_sub_account text CHECK (wanted_sub_account ~ '^[0-9A-Za-z-]{0,32}$'),
  ADD COLUMN sub_account_problem text;
