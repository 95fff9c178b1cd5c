-- The trace in which an order was placed (W3C traceparent), so that sending it later is seen as a part of it.
ALTER TABLE orders ADD COLUMN traceparent text CHECK (length(traceparent) <= 64);
