/** Carries the id of an account with new work. */
export const workChannel = "trading_work";
/** Notifies of added events. */
export const outboxChannel = "outbox";
/** Carries the user and the id of each published event. */
export const eventChannel = "trading_event";
