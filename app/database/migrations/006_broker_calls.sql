-- When the next call to the broker may start for a customer, by this database's clock: log-ins, services and replicas
-- share one rate at the broker.
CREATE TABLE broker_call_slots (
  customer_hash bytea PRIMARY KEY,
  free_at       timestamptz NOT NULL
) WITH (fillfactor = 50);
