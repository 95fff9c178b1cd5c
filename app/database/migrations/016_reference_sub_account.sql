-- The sub-account whose list shows a reference: the list of another one proves nothing by not showing it. Null for those that
-- were noted before, or by the release before.
ALTER TABLE broker_orders ADD COLUMN sub_account text;
