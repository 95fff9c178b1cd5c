/** Places at which the end of the process is hardest to get right; each has a fault test that ends it there. */
export const failpoints = [
  "place.committing",
  "place.committed",
  "submit.marked",
  "submit.answered",
  "submit.recorded",
  "request.marked",
  "request.answered",
  "reconcile.listed",
  "reconcile.recorded",
  "ends.recorded",
  "relay.publishing",
] as const;
export type Failpoint = (typeof failpoints)[number];

/** Called at every failpoint that is reached. */
export type ReachFailpoint = (failpoint: Failpoint) => void;
