import type { PoolClient } from "pg";
import type { ResolvedOrder } from "../../../packages/contract/order-resolution";

/** What is kept of an order that an operator settled. */
export type StoredResolution = Omit<ResolvedOrder, "quantity" | "execution">;

interface ResolutionRow {
  readonly order_id: string;
  readonly user_id: string;
  readonly from_status: string;
  readonly to_status: ResolvedOrder["to"];
  readonly version: number;
  readonly filled_before: string;
  readonly filled_quantity: string;
  readonly average_price: string | null;
  readonly broker_reference: string | null;
  readonly evidence: string;
  readonly operator: string;
}

/** Writes down how an operator settled an order, once and for all. */
export async function insertResolution(tx: PoolClient, resolution: StoredResolution): Promise<void> {
  await tx.query(
    `INSERT INTO order_resolutions (order_id, user_id, from_status, to_status, version, filled_before, filled_quantity,
       average_price, broker_reference, evidence, operator)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    [
      resolution.orderId,
      resolution.userId,
      resolution.from,
      resolution.to,
      resolution.version,
      resolution.filledBefore,
      resolution.filledQuantity,
      resolution.averageFillPrice,
      resolution.brokerReference,
      resolution.evidence,
      resolution.operator,
    ],
  );
}

/** How an operator settled an order, if one did. */
export async function findResolution(tx: PoolClient, orderId: string): Promise<StoredResolution | undefined> {
  const { rows } = await tx.query<ResolutionRow>(
    `SELECT order_id, user_id, from_status, to_status, version, filled_before, filled_quantity, average_price,
       broker_reference, evidence, operator FROM order_resolutions WHERE order_id = $1`,
    [orderId],
  );
  const [row] = rows;
  return (
    row && {
      orderId: row.order_id,
      userId: row.user_id,
      from: row.from_status,
      to: row.to_status,
      version: row.version,
      filledBefore: row.filled_before,
      filledQuantity: row.filled_quantity,
      averageFillPrice: row.average_price,
      brokerReference: row.broker_reference,
      evidence: row.evidence,
      operator: row.operator,
    }
  );
}
