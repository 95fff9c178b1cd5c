-- Exchange times of what a late tick may change: the day's first price, and the last one of the day before. Null for what an
-- earlier release saved.
ALTER TABLE quotes ADD COLUMN opened_at timestamptz;
ALTER TABLE quotes ADD COLUMN previous_closed_at timestamptz;
