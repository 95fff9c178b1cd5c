import { randomUUID } from "node:crypto";
import { amendOrCancel } from "../../../app/services/broker-integration/execution/amend-and-cancel";
import { submit } from "../../../app/services/broker-integration/execution/submit";
import { requestsOfAccount } from "../../../app/services/broker-integration/store/requests";
import { scriptedBroker, today } from "../support/scripted-broker";

const scripted = scriptedBroker();

describe("where the process believes in its lease no longer, although the database does", () => {
  beforeEach(async () => {
    const { context, owned } = scripted;
    const { account, sessionId, leases } = context;
    await owned.query(
      `INSERT INTO algolab_sessions (session_id, account_id, user_id, token, hash, active, expires_at)
       VALUES ($1, $2, $3, '', '', true, now() + interval '1 day')`,
      [sessionId, account.accountId, account.userId],
    );
    await owned.query(
      "UPDATE broker_accounts SET lease_owner = $2, lease_expires_at = now() + interval '1 hour' WHERE account_id = $1",
      [account.accountId, leases.owner],
    );
  });

  test("an order waits for the next replica", async () => {
    const orderId = await scripted.open({
      status: "CREATED",
      broker_reference: null,
      submitting_at: null,
      trading_day: today,
    });
    expect(await submit(scripted.context, orderId)).toBe("unused");
    expect(await scripted.orderNow(orderId)).toMatchObject({ status: "CREATED", reason: null });
  });

  test("so does a cancellation", async () => {
    const { context, owned } = scripted;
    const { accountId, userId } = context.account;
    await owned.query(
      "INSERT INTO order_requests (request_id, order_id, user_id, account_id, kind) VALUES ($1, $2, $3, $4, 'CANCEL')",
      [randomUUID(), await scripted.open(), userId, accountId],
    );
    const requests = () => context.database.as({ userId }, (tx) => requestsOfAccount(tx, accountId));
    for (const request of await requests()) expect(await amendOrCancel(context, request)).toBe("unused");
    expect((await requests()).map(({ status }) => status)).toEqual(["PENDING"]);
  });
});
