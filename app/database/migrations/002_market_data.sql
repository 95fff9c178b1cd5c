-- Market data: what was traded, and what is derived from it. No user owns any of it.
-- The ticks themselves are a time series: bootstrap-database creates market_ticks in the best way that the server offers.

CREATE TABLE symbols (
  symbol        text PRIMARY KEY CHECK (symbol ~ '^[A-Z0-9][A-Z0-9._-]{0,19}$'),
  name          text NOT NULL,
  market        text NOT NULL DEFAULT 'IMKBH',
  indices       text[] NOT NULL DEFAULT '{}',
  first_seen_at timestamptz NOT NULL DEFAULT now()
);

-- One row a feed: who listens to the broker, and how far the ticks are stored.
-- epoch is the fencing token: it grows with every take-over, and a writer with an older one is refused.
CREATE TABLE market_feeds (
  feed             text PRIMARY KEY,
  holder           text,
  epoch            bigint NOT NULL DEFAULT 0,
  expires_at       timestamptz NOT NULL DEFAULT '-infinity',
  last_sequence    bigint NOT NULL DEFAULT 0,
  -- Until when somebody listened; a later start in session hours leaves a gap.
  listened_until   timestamptz,
  -- Candles hold every tick up to this sequence, and every minute before this time.
  candles_sequence bigint NOT NULL DEFAULT 0,
  candles_until    timestamptz NOT NULL DEFAULT '-infinity',
  -- Quotes hold every tick up to this sequence.
  quotes_sequence  bigint NOT NULL DEFAULT 0
);
INSERT INTO market_feeds (feed) VALUES ('algolab');

-- When nobody listened although the market traded: a missing candle in here says nothing about the market.
CREATE TABLE market_feed_gaps (
  gap_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  feed     text NOT NULL REFERENCES market_feeds (feed),
  from_at  timestamptz NOT NULL,
  until_at timestamptz NOT NULL,
  reason   text NOT NULL,
  CHECK (from_at < until_at)
);
CREATE INDEX market_feed_gaps_time_idx ON market_feed_gaps (feed, until_at);

-- The newest state of every symbol, saved each second so that a start need not read a day of ticks.
CREATE TABLE quotes (
  symbol          text PRIMARY KEY,
  market          text NOT NULL,
  sequence        bigint NOT NULL,
  symbol_sequence bigint NOT NULL,
  "timestamp"     timestamptz NOT NULL,
  price           numeric NOT NULL,
  quantity        numeric NOT NULL,
  side            text CHECK (side IN ('BUY', 'SELL')),
  bid             numeric,
  ask             numeric,
  trading_day     date NOT NULL,
  open            numeric NOT NULL,
  high            numeric NOT NULL,
  low             numeric NOT NULL,
  volume          numeric NOT NULL,
  trades          bigint NOT NULL,
  previous_close  numeric
) WITH (fillfactor = 50);

CREATE TABLE candles (
  symbol    text NOT NULL,
  interval  text NOT NULL CHECK (interval IN ('1m', '1d')),
  open_time timestamptz NOT NULL,
  open      numeric NOT NULL,
  high      numeric NOT NULL,
  low       numeric NOT NULL,
  close     numeric NOT NULL,
  volume    numeric NOT NULL,
  turnover  numeric NOT NULL,
  trades    bigint NOT NULL,
  PRIMARY KEY (symbol, interval, open_time),
  CHECK (low <= open AND low <= close AND high >= open AND high >= close)
);

CREATE TABLE order_books (
  symbol      text PRIMARY KEY,
  version     bigint NOT NULL,
  "timestamp" text NOT NULL,
  bids        jsonb NOT NULL,
  asks        jsonb NOT NULL,
  saved_at    timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (fillfactor = 50);

-- How each time series is kept, decided once by bootstrap-database.
CREATE TABLE time_series (
  table_name text PRIMARY KEY,
  keeper     text NOT NULL CHECK (keeper IN ('timescaledb', 'pg_partman', 'partitions')),
  detail     text NOT NULL,
  chosen_at  timestamptz NOT NULL DEFAULT now()
);

-- BIST 30, as listed until 30 September 2026; further symbols are added when they are first seen.
INSERT INTO symbols (symbol, name, indices) VALUES
  ('AEFES', 'Anadolu Efes', '{XU030}'), ('AKBNK', 'Akbank', '{XU030}'), ('ASELS', 'Aselsan', '{XU030}'),
  ('ASTOR', 'Astor Enerji', '{XU030}'), ('BIMAS', 'BİM Mağazalar', '{XU030}'), ('DSTKF', 'Destek Finans Faktoring', '{XU030}'),
  ('EKGYO', 'Emlak Konut GYO', '{XU030}'), ('ENKAI', 'Enka İnşaat', '{XU030}'), ('EREGL', 'Ereğli Demir Çelik', '{XU030}'),
  ('FROTO', 'Ford Otosan', '{XU030}'), ('GARAN', 'Garanti BBVA', '{XU030}'), ('GUBRF', 'Gübre Fabrikaları', '{XU030}'),
  ('ISCTR', 'İş Bankası (C)', '{XU030}'), ('KCHOL', 'Koç Holding', '{XU030}'), ('KRDMD', 'Kardemir (D)', '{XU030}'),
  ('MGROS', 'Migros', '{XU030}'), ('PETKM', 'Petkim', '{XU030}'), ('PGSUS', 'Pegasus', '{XU030}'),
  ('SAHOL', 'Sabancı Holding', '{XU030}'), ('SASA', 'Sasa Polyester', '{XU030}'), ('SISE', 'Şişecam', '{XU030}'),
  ('TAVHL', 'TAV Havalimanları', '{XU030}'), ('TCELL', 'Turkcell', '{XU030}'), ('THYAO', 'Türk Hava Yolları', '{XU030}'),
  ('TOASO', 'Tofaş Oto', '{XU030}'), ('TRALT', 'Türk Altın', '{XU030}'), ('TTKOM', 'Türk Telekom', '{XU030}'),
  ('TUPRS', 'Tüpraş', '{XU030}'), ('VAKBN', 'VakıfBank', '{XU030}'), ('YKBNK', 'Yapı Kredi', '{XU030}')
ON CONFLICT (symbol) DO NOTHING;
