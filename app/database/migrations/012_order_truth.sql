-- The worst limit price that an order ever had: a fill of before a reprice may be found after it. Kept here, so that a
-- version of the application that does not know it keeps it too.
ALTER TABLE orders ADD COLUMN worst_price numeric(18, 2);

CREATE FUNCTION keep_worst_price() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    NEW.worst_price := NEW.price;
  ELSIF NEW.side = 'BUY' THEN
    NEW.worst_price := greatest(OLD.worst_price, OLD.price, NEW.price);
  ELSE
    NEW.worst_price := least(OLD.worst_price, OLD.price, NEW.price);
  END IF;
  RETURN NEW;
END
$$;
CREATE TRIGGER order_worst_price BEFORE INSERT OR UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION keep_worst_price();

-- An order that ended can still be put right: its average, where the broker gave no price, and fills that it listed later.
INSERT INTO order_transitions VALUES
  ('FILLED', 'FILLED'), ('CANCELLED', 'CANCELLED'), ('CANCELLED', 'FILLED'), ('EXPIRED', 'EXPIRED'), ('EXPIRED', 'FILLED');

-- The broker gave no price: the average, and the price of the execution, are assumed until it does.
ALTER TABLE orders ADD COLUMN average_derived boolean NOT NULL DEFAULT false;
ALTER TABLE executions ADD COLUMN price_missing boolean NOT NULL DEFAULT false;
CREATE INDEX orders_average_derived_idx ON orders (account_id, trading_day) WHERE average_derived;

-- The most that the account statement ever showed of an order in doubt: an end with less is not believed, whoever looks.
CREATE TABLE stated_orders (
  order_id uuid PRIMARY KEY REFERENCES orders (order_id),
  user_id  uuid NOT NULL,
  quantity numeric(18, 0) NOT NULL,
  read_at  timestamptz NOT NULL DEFAULT clock_timestamp()
);
CALL protect_rows('stated_orders');
