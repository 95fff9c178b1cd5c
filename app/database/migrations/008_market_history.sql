-- Exchange times of what a late tick may change: the day's first price, and the last one of the day before. Null for what an
-- earlier release saved.
ALTER TABLE quotes ADD COLUMN opened_at timestamptz;
ALTER TABLE quotes ADD COLUMN previous_closed_at timestamptz;

-- Since when somebody listens; what was traded before is known from the broker's candles alone. The oldest candle of each
-- symbol is one look into the key: a pass over a year of candles would keep the feed waiting for as long.
ALTER TABLE market_feeds ADD COLUMN listened_from timestamptz;
UPDATE market_feeds SET listened_from = (
  SELECT min(oldest.open_time) + interval '1 minute'
  FROM symbols CROSS JOIN LATERAL (
    SELECT min(open_time) AS open_time FROM candles WHERE candles.symbol = symbols.symbol AND candles.interval = '1m'
  ) AS oldest
);

-- Candles as the broker's GetCandleData gave them, for the time in which nobody listened. A later answer replaces an earlier one.
CREATE TABLE broker_candles (
  symbol     text NOT NULL,
  interval   text NOT NULL CHECK (interval IN ('1m', '5m', '15m', '30m', '1h', '4h', '1d')),
  open_time  timestamptz NOT NULL,
  open       numeric NOT NULL CHECK (open > 0),
  high       numeric NOT NULL,
  low        numeric NOT NULL CHECK (low > 0),
  close      numeric NOT NULL CHECK (close > 0),
  volume     numeric NOT NULL CHECK (volume >= 0),
  fetched_at timestamptz NOT NULL,
  PRIMARY KEY (symbol, interval, open_time),
  CHECK (low <= open AND low <= close AND high >= open AND high >= close)
);

-- Which of them charts lacked, and what became of asking the broker. The leader alone asks.
CREATE TABLE broker_candle_requests (
  symbol     text NOT NULL REFERENCES symbols (symbol),
  interval   text NOT NULL,
  -- Last time that a chart lacked them.
  wanted_at  timestamptz NOT NULL,
  -- Last time that the broker was asked, what became of that, and until when it is not asked again.
  asked_at   timestamptz,
  outcome    text CHECK (outcome IN ('ASKED', 'FETCHED', 'FAILED')),
  not_before timestamptz NOT NULL DEFAULT '-infinity',
  PRIMARY KEY (symbol, interval)
);
