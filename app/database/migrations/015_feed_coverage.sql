-- Until when the broker was surely heard: a socket can be open and silent. It was noted together with the listened_until that
-- heard_as_of repeats; where that one has moved on, a release has listened since that does not know of silence.
ALTER TABLE market_feeds ADD COLUMN heard_until timestamptz, ADD COLUMN heard_as_of timestamptz;

-- What was subscribed to and when, by symbol, or ALL: what was traded before is known from the broker's candles alone.
CREATE TABLE market_feed_subscriptions (
  feed     text NOT NULL REFERENCES market_feeds (feed),
  symbol   text NOT NULL,
  from_at  timestamptz NOT NULL,
  -- Null while it lasts.
  until_at timestamptz CHECK (until_at >= from_at),
  PRIMARY KEY (feed, symbol, from_at)
);
CREATE UNIQUE INDEX market_feed_subscriptions_open_idx ON market_feed_subscriptions (feed, symbol) WHERE until_at IS NULL;

-- Which symbols earlier releases listened to is not known, but that one with candles was among them from its first one on. The
-- next connection ends those that it does not subscribe to. One look into the key for each symbol, as in migration 008.
INSERT INTO market_feed_subscriptions (feed, symbol, from_at)
SELECT feed, symbol, greatest(listened_from, oldest.open_time + interval '1 minute')
FROM market_feeds CROSS JOIN symbols CROSS JOIN LATERAL (
  SELECT min(open_time) AS open_time FROM candles WHERE candles.symbol = symbols.symbol AND candles.interval = '1m'
) AS oldest
WHERE listened_from IS NOT NULL AND oldest.open_time IS NOT NULL;

-- EMPTY: the broker answered without candles. How often in a row, so that it is asked for those ever more rarely.
ALTER TABLE broker_candle_requests
  ADD COLUMN empty_answers integer NOT NULL DEFAULT 0,
  DROP CONSTRAINT broker_candle_requests_outcome_check,
  ADD CONSTRAINT broker_candle_requests_outcome_check CHECK (outcome IN ('ASKED', 'FETCHED', 'EMPTY', 'FAILED'));
