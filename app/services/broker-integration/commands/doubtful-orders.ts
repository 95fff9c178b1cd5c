import { runDatabaseCommand } from "../../../packages/kit/database/command";
import { doubtfulOrders } from "../application/doubtful-orders";

/** `doubtful-orders`: orders whose outcome is not known, oldest first, as `doubtfulOrdersSchema` describes them. */
void runDatabaseCommand("doubtful-orders", doubtfulOrders);
