/**
 * What a task made of its turn at the broker. Whether there is anything to call for is known only in the turn, under the
 * lease: one that is `unused` passes to the next task, and `again` has a second call to make, which keeps its place.
 */
export type TurnOutcome = "used" | "unused" | "again";
