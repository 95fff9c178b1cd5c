-- Whoever adds events says so after the commit: NOTIFY within it let one order after the other commit, disk included.
-- The release before looks for events each second by itself.
DROP TRIGGER outbox_filled ON outbox;
DROP FUNCTION announce_events();
