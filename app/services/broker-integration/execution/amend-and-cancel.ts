import { AlgolabError } from "../../../packages/algolab/errors";
import { formatPrice } from "../../../packages/bist/price";
import { asUser, leaseLost } from "./account-context";
import { mayHaveArrived, reasonOf } from "./broker-failure";
import type { AccountContext } from "./account-context";
import type { TurnOutcome } from "./turn-outcome";
import { holdLease } from "../store/accounts";
import { lockOrder } from "../store/orders";
import { changeRequest } from "../store/requests";
import type { OrderRequest } from "../domain/order-request";
import { isOpen } from "../domain/order";
import type { Order } from "../domain/order";
import { orderNotOpen } from "../domain/order-request";
import { notSentInTime } from "../domain/reason";
import type { Reason } from "../domain/reason";

/**
 * Sends a cancellation or a new price to the broker, once. What came of it is read from the list, also where the broker
 * acknowledged it.
 * @throws AlgolabError SESSION_EXPIRED after the request was refused for it
 */
export async function amendOrCancel(context: AccountContext, request: OrderRequest): Promise<TurnOutcome> {
  if (!context.leases.holds(context.account.accountId)) return "unused";
  const order = await mark(context, request);
  if (order === undefined) return "unused";
  context.failpoint("request.marked");
  const failed = await send(context, request, order);
  context.failpoint("request.answered");
  if (failed === undefined) return "used";
  const { status, reason, error } = failed;
  await asUser(context, (tx) => changeRequest(tx, { ...request, status: "SENT" }, status, reason));
  if (error?.failure === "SESSION_EXPIRED") throw error;
  return error === undefined ? "unused" : "used";
}

/** Commits that the request is about to be sent. @returns its order, or undefined when it is not to be sent */
async function mark(context: AccountContext, request: OrderRequest): Promise<Order | undefined> {
  return asUser(context, async (tx) => {
    const now = await holdLease(tx, context.account, context.sessionId, context.leases.owner);
    if (now === undefined) return undefined;
    const order = await lockOrder(tx, request.orderId);
    if (order === undefined) return undefined;
    if (order.brokerReference === undefined || !isOpen(order.status)) {
      await changeRequest(tx, request, "REFUSED", orderNotOpen(order));
      return undefined;
    }
    const { submitWithinMs } = context.config;
    if (now.getTime() - request.createdAt.getTime() > submitWithinMs) {
      await changeRequest(tx, request, "REFUSED", notSentInTime(submitWithinMs));
      return undefined;
    }
    return (await changeRequest(tx, request, "SENT")) ? order : undefined;
  });
}

interface Failed {
  readonly status: "REFUSED" | "UNKNOWN";
  readonly reason: Reason;
  /** Undefined where the broker was not called. */
  readonly error?: AlgolabError;
}

/** @returns undefined when the broker acknowledged the request */
async function send(context: AccountContext, request: OrderRequest, order: Order): Promise<Failed | undefined> {
  const { session, account, leases } = context;
  const reference = order.brokerReference ?? "";
  if (!leases.holds(account.accountId)) return { status: "REFUSED", reason: leaseLost };
  try {
    if (request.kind === "CANCEL") await session.deleteOrder(reference, account.subAccount);
    else await session.modifyOrder(reference, formatPrice(request.price ?? 0n), account.subAccount);
    return undefined;
  } catch (error) {
    if (!(error instanceof AlgolabError)) throw error;
    return { status: mayHaveArrived(error) ? "UNKNOWN" : "REFUSED", reason: reasonOf(error, context), error };
  }
}
