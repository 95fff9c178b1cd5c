import type { PoolClient } from "pg";
import { formatPrice, parsePrice } from "../../../packages/bist/price";
import { requestUpdate } from "../domain/events";
import type { OrderRequest, RequestStatus } from "../domain/order-request";
import { reasonText } from "../domain/reason";
import type { Reason } from "../domain/reason";
import { publish } from "./outbox";

interface RequestRow {
  readonly request_id: string;
  readonly order_id: string;
  readonly user_id: string;
  readonly account_id: string;
  readonly kind: "CANCEL" | "MODIFY";
  readonly price: string | null;
  readonly status: RequestStatus;
  readonly reason: string | null;
  readonly created_at: Date;
  readonly sent_at: Date | null;
  readonly settled_at: Date | null;
  readonly refused_before: boolean;
}

const columns = `request_id, order_id, user_id, account_id, kind, price, status, reason, created_at, sent_at,
  settled_at, EXISTS (SELECT FROM order_requests earlier WHERE earlier.order_id = order_requests.order_id
            AND earlier.kind = order_requests.kind AND earlier.status = 'REFUSED' AND earlier.sent_at IS NOT NULL
         ) AS refused_before`;

function requestOf(row: RequestRow): OrderRequest {
  return {
    requestId: row.request_id,
    orderId: row.order_id,
    userId: row.user_id,
    accountId: row.account_id,
    kind: row.kind,
    price: row.price === null ? undefined : parsePrice(row.price),
    status: row.status,
    reason: row.reason ?? undefined,
    createdAt: row.created_at,
    sentAt: row.sent_at ?? undefined,
    completedAt: row.settled_at ?? undefined,
    refusedBefore: row.refused_before,
  };
}

export type NewRequest = Pick<OrderRequest, "requestId" | "orderId" | "userId" | "accountId" | "kind" | "price">;

/** Inserts a request, PENDING, with its event. */
export async function insertRequest(tx: PoolClient, request: NewRequest): Promise<OrderRequest> {
  const { rows } = await tx.query<RequestRow>(
    `INSERT INTO order_requests (request_id, order_id, user_id, account_id, kind, price)
     VALUES ($1, $2, $3, $4, $5, $6) RETURNING ${columns}`,
    [
      request.requestId,
      request.orderId,
      request.userId,
      request.accountId,
      request.kind,
      request.price === undefined ? null : formatPrice(request.price),
    ],
  );
  const [row] = rows;
  if (row === undefined) throw new Error("an inserted request came back empty");
  return changed(tx, row);
}

async function changed(tx: PoolClient, row: RequestRow): Promise<OrderRequest> {
  const request = requestOf(row);
  await publish(tx, request.userId, "REQUEST_UPDATE", requestUpdate(request));
  return request;
}

/** What was ever asked of an order, oldest first. */
export async function requestsOfOrder(tx: PoolClient, orderId: string): Promise<OrderRequest[]> {
  const { rows } = await tx.query<RequestRow>(
    `SELECT ${columns} FROM order_requests WHERE order_id = $1 ORDER BY created_at, request_id`,
    [orderId],
  );
  return rows.map(requestOf);
}

/** The request that an order has under way, if any. */
export async function openRequest(tx: PoolClient, orderId: string): Promise<OrderRequest | undefined> {
  const { rows } = await tx.query<RequestRow>(
    `SELECT ${columns} FROM order_requests WHERE order_id = $1 AND status IN ('PENDING', 'SENT', 'UNKNOWN')`,
    [orderId],
  );
  return rows[0] && requestOf(rows[0]);
}

/** Requests of an account that are under way, oldest first. */
export async function requestsOfAccount(tx: PoolClient, accountId: string): Promise<OrderRequest[]> {
  const { rows } = await tx.query<RequestRow>(
    `SELECT ${columns} FROM order_requests
     WHERE account_id = $1 AND status IN ('PENDING', 'SENT', 'UNKNOWN') ORDER BY created_at, request_id`,
    [accountId],
  );
  return rows.map(requestOf);
}

/** Moves a request on, with its event, if it is still in the status that the caller knows. @returns whether it was */
export async function changeRequest(
  tx: PoolClient,
  request: OrderRequest,
  status: RequestStatus,
  reason?: Reason,
): Promise<boolean> {
  const { rows } = await tx.query<RequestRow>(
    `UPDATE order_requests SET status = $3, reason = $4,
       sent_at = CASE WHEN $3 = 'SENT' THEN clock_timestamp() ELSE sent_at END,
       settled_at = CASE WHEN $3 IN ('DONE', 'REFUSED') THEN clock_timestamp() END
     WHERE request_id = $1 AND status = $2 RETURNING ${columns}`,
    [request.requestId, request.status, status, reason === undefined ? null : reasonText(reason)],
  );
  const [row] = rows;
  if (row !== undefined) await changed(tx, row);
  return row !== undefined;
}

/** Ends requests that wait to be sent, of users who may not trade, with their events. */
export async function refuseRequestsOfSuspended(tx: PoolClient, reason: Reason): Promise<void> {
  await refusePending(tx, reason, "user_id IN (SELECT user_id FROM suspended_users)", []);
}

/** Ends requests that wait to be sent since before an instant, of any account, with their events. */
export async function refuseRequestsNotSentSince(tx: PoolClient, before: Date, reason: Reason): Promise<void> {
  await refusePending(tx, reason, "created_at < $2", [before]);
}

async function refusePending(tx: PoolClient, reason: Reason, which: string, values: readonly unknown[]): Promise<void> {
  const { rows } = await tx.query<RequestRow>(
    `UPDATE order_requests SET status = 'REFUSED', reason = $1, settled_at = clock_timestamp()
     WHERE status = 'PENDING' AND ${which} RETURNING ${columns}`,
    [reasonText(reason), ...values],
  );
  for (const row of rows) await changed(tx, row);
}
