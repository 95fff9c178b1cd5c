import { submit } from "../../../app/services/broker-integration/execution/submit";
import { scriptedBroker, today } from "../support/scripted-broker";

const scripted = scriptedBroker();

test("an order waits where the process believes in its lease no longer, although the database does", async () => {
  const { context, owned, open, orderNow } = scripted;
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
  const orderId = await open({ status: "CREATED", broker_reference: null, submitting_at: null, trading_day: today });
  expect(await submit(context, orderId)).toBe("unused");
  expect(await orderNow(orderId)).toMatchObject({ status: "CREATED", reason: null });
});
