/** What the services answer, as far as the page shows it. Amounts are decimal text. */
export interface Quote {
  readonly symbol: string;
  readonly sequence: number;
  readonly timestamp: string;
  readonly price: string;
  readonly bid: string | null;
  readonly ask: string | null;
  readonly open: string;
  readonly high: string;
  readonly low: string;
  readonly volume: string;
  readonly changePercent: string | null;
}

export interface Trade {
  readonly symbol: string;
  readonly timestamp: string;
  readonly price: string;
}

export interface Candle {
  readonly openTime: string;
  readonly open: string;
  readonly high: string;
  readonly low: string;
  readonly close: string;
}

export interface Candles {
  readonly candles: readonly Candle[];
  /** PENDING while the broker is asked for what was traded before the platform listened. */
  readonly history?: string;
}

export interface Order {
  readonly orderId: string;
  readonly symbol: string;
  readonly side: "BUY" | "SELL";
  readonly quantity: string;
  readonly filledQuantity: string;
  readonly price: string | null;
  readonly averageFillPrice: string | null;
  /** Absent in answers of before the broker could leave a price out. */
  readonly averageFillPriceDerived?: boolean;
  readonly status: string;
  readonly statusReason: string | null;
  /** Absent in answers of before reasons had codes. */
  readonly statusReasonCode?: string | null;
  readonly version: number;
  readonly createdAt: string;
}

/** A request to cancel or reprice an order. */
export interface OrderRequest {
  readonly orderId: string;
  readonly kind: "CANCEL" | "MODIFY";
  readonly status: string;
  readonly reason: string | null;
  readonly reasonCode: string | null;
}

export interface Position {
  readonly symbol: string;
  readonly quantity: string;
  readonly averageCost: string;
  readonly marketValue: string;
  readonly profit: string;
}

export interface HeldPositions {
  /** When the broker said so. */
  readonly asOf: string;
  readonly positions: readonly Position[];
}

export interface BrokerStatus {
  readonly state: "LOGGED_OUT" | "AWAITING_CODE" | "AWAITING_SUB_ACCOUNT" | "LOGGED_IN";
  /** Empty for the only one; absent where none can be chosen. */
  readonly subAccount?: string | null;
  /** What the login named, while it is not chosen. */
  readonly wantedSubAccount?: string | null;
  readonly subAccountProblem?: "UNKNOWN_SUB_ACCOUNT" | "SUB_ACCOUNT_HAS_ORDERS" | null;
}
