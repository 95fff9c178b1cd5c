-- How operators settled orders in doubt, and by what evidence. An order ends once, so that it has at most one row.
CREATE TABLE order_resolutions (
  order_id         uuid PRIMARY KEY REFERENCES orders (order_id),
  user_id          uuid NOT NULL,
  from_status      text NOT NULL,
  to_status        text NOT NULL CHECK (to_status IN ('FILLED', 'CANCELLED', 'EXPIRED', 'REJECTED')),
  -- The order's version that was judged.
  version          integer NOT NULL,
  filled_before    numeric(18, 0) NOT NULL,
  filled_quantity  numeric(18, 0) NOT NULL,
  average_price    numeric(18, 6),
  broker_reference text,
  -- The broker's record that says so, in the operator's words.
  evidence         text NOT NULL CHECK (length(evidence) BETWEEN 1 AND 2000),
  -- Who, as the operator's tool knows them: an ARN.
  operator         text NOT NULL CHECK (length(operator) BETWEEN 1 AND 2048),
  resolved_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
  CHECK (filled_quantity >= filled_before)
);
CALL protect_rows('order_resolutions');

-- Written once: an entry that could be changed proves nothing.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% keeps what was written: it cannot be changed or removed', TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation';
END
$$;
CREATE TRIGGER order_resolutions_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON order_resolutions
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
