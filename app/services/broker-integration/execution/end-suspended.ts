import { announce } from "../../../packages/kit/database/announcements";
import type { Database } from "../../../packages/kit/database/database";
import { sessionChannel } from "../domain/channels";
import type { Reason } from "../domain/reason";
import { ordersOfSuspended, StaleOrder, transitionOrder } from "../store/orders";
import { refuseRequestsOfSuspended } from "../store/requests";
import { endSessionsOfSuspended } from "../store/sessions";

const suspended: Reason = { code: "USER_SUSPENDED", detail: "the user may not trade" };

/**
 * Ends what users who may not trade have here: sessions at the broker, log-ins, orders and requests that were not sent.
 * What the broker has of them stays there until it is filled or the day ends. Repeatable on any replica at any time: it goes
 * by what is there, so that a replica that was down finds it too.
 */
export async function endSuspended(database: Database): Promise<void> {
  await database.as("system", async (tx) => {
    if ((await endSessionsOfSuspended(tx)) > 0) announce(tx, sessionChannel);
    await refuseRequestsOfSuspended(tx, suspended);
    for (const order of await ordersOfSuspended(tx)) {
      try {
        await transitionOrder(tx, order, { status: "REJECTED", reason: suspended });
      } catch (error) {
        // It is being sent at this moment, or ended otherwise.
        if (!(error instanceof StaleOrder)) throw error;
      }
    }
  });
}
