-- Until when the broker was surely heard: a socket can be open and silent. It was noted together with the listened_until that
-- heard_as_of repeats; where that one has moved on, a release has listened since that does not know of silence.
ALTER TABLE market_feeds ADD COLUMN heard_until timestamptz, ADD COLUMN heard_as_of timestamptz;
