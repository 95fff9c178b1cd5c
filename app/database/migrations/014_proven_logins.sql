-- When the API key came with the very log-in; null where the log-in goes by one that was known. Only a key that was given is
-- kept when the log-in is proven, and only while none was given after it.
ALTER TABLE broker_logins ADD COLUMN api_key_given_at timestamptz;
