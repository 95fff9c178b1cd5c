/** Carries the id of an account with new work. */
export const workChannel = "trading_work";
/** Notifies of added events. */
export const outboxChannel = "outbox";
/** Carries the user and the id of each published event. */
export const eventChannel = "trading_event";
/** Notifies that a session began or ended, or that an account's sub-account is another one. */
export const sessionChannel = "broker_session";
/** Carries the id of a user who may no longer trade; told by the database, see migration 009. */
export const suspendedChannel = "user_suspended";

/** How long a request waits for what the account's worker asks of the broker. */
export const answerWithinMs = 12_000;
