import { AlgolabError } from "../../../packages/algolab/errors";
import { formatPrice } from "../../../packages/bist/price";
import { asUser, leaseLost } from "./account-context";
import { mayHaveArrived, reasonOf } from "./broker-failure";
import type { AccountContext } from "./account-context";
import { holdLease } from "../store/accounts";
import { transitionOrder, lockOrder } from "../store/orders";
import { changeRequest } from "../store/requests";
import type { OrderRequest, RequestStatus } from "../domain/order-request";
import { isOpen } from "../domain/order";
import type { Order } from "../domain/order";
import { orderNotOpen } from "../domain/order-request";
import type { Reason } from "../domain/reason";

/**
 * Sends a cancellation or a new price to the broker, once. What happened to the order itself is read from the list;
 * a new price that the broker confirmed is noted at once.
 * @throws AlgolabError SESSION_EXPIRED after the request was refused for it
 */
export async function amendOrCancel(context: AccountContext, request: OrderRequest): Promise<void> {
  const order = await mark(context, request);
  if (order === undefined) return;
  context.failpoint("request.marked");
  const { status, reason, error } = await send(context, request, order);
  context.failpoint("request.answered");
  await asUser(context, async (tx) => {
    if (!(await changeRequest(tx, { ...request, status: "SENT" }, status, reason))) return;
    if (request.kind !== "MODIFY" || status !== "DONE") return;
    const now = await lockOrder(tx, order.orderId);
    if (now && isOpen(now.status)) {
      await transitionOrder(tx, now, { status: now.status, limitPrice: request.price });
    }
  });
  if (error?.failure === "SESSION_EXPIRED") throw error;
}

/** Commits that the request is about to be sent. @returns its order, or undefined when it is not to be sent */
async function mark(context: AccountContext, request: OrderRequest): Promise<Order | undefined> {
  return asUser(context, async (tx) => {
    if (!(await holdLease(tx, context.account.accountId, context.leases.owner))) return undefined;
    const order = await lockOrder(tx, request.orderId);
    if (order === undefined) return undefined;
    if (order.brokerReference === undefined || !isOpen(order.status)) {
      await changeRequest(tx, request, "REFUSED", orderNotOpen(order));
      return undefined;
    }
    return (await changeRequest(tx, request, "SENT")) ? order : undefined;
  });
}

interface Outcome {
  readonly status: RequestStatus;
  readonly reason?: Reason;
  readonly error?: AlgolabError;
}

async function send(
  { session, account, leases }: AccountContext,
  request: OrderRequest,
  order: Order,
): Promise<Outcome> {
  const reference = order.brokerReference ?? "";
  if (!leases.holds(account.accountId)) return { status: "REFUSED", reason: leaseLost };
  try {
    if (request.kind === "CANCEL") await session.deleteOrder(reference, account.subAccount);
    else await session.modifyOrder(reference, formatPrice(request.price ?? 0n), account.subAccount);
    return { status: "DONE" };
  } catch (error) {
    if (!(error instanceof AlgolabError)) throw error;
    return { status: mayHaveArrived(error) ? "UNKNOWN" : "REFUSED", reason: reasonOf(error), error };
  }
}
