import { Client } from "pg";
import { asOwner, databaseCommandSections } from "../../app/database/config";
import type { ServiceKey } from "../../app/packages/contract/services";
import { readConfig } from "../../app/packages/kit/config/read";
import { connectionOptions } from "../../app/packages/kit/database/database";
import type { Variables } from "./settings";

/** The administrator of this machine, who has no other duty than to log in at the broker for market data. */
const email = "operator@bist-trading.local";
const customer = "10000000000";

export interface OperatorOptions {
  readonly urls: Readonly<Record<ServiceKey, string>>;
  readonly simulatorUrl: string;
  /** The operator's, at the platform and at the broker. */
  readonly password: string;
  /** DB_*, with the tables' owner. */
  readonly database: Variables;
}

/**
 * Gives market data its session: registers the operator on the first start, and logs in at the broker with the code
 * that the simulator sends.
 */
export async function logInOperator(options: OperatorOptions): Promise<void> {
  const { urls, simulatorUrl, password } = options;
  const credentials = { email, password };
  const names = { firstName: "Market", lastName: "Data" };
  await call(`${urls.userManagement}/api/v1/auth/register`, { ...credentials, ...names }, [201, 409]);
  await makeAdministrator(options.database);
  const { accessToken } = await call(`${urls.userManagement}/api/v1/auth/login`, credentials, [200]);
  const token = String(accessToken);
  const login = { username: customer, password, feedsMarketData: true };
  const auth = `${urls.brokerIntegration}/api/v1/broker/auth`;
  await call(`${auth}/login`, login, [202], token);
  const sms = await fetch(`${simulatorUrl}/simulator/sms/${customer}`);
  const { code } = (await sms.json()) as { code: string };
  await call(`${auth}/verify-otp`, { code }, [200], token);
}

/** The first administrator is made by whoever owns the tables: no route gives that role to oneself. */
async function makeAdministrator(variables: Variables): Promise<void> {
  const { database, owner } = readConfig(databaseCommandSections, variables);
  const client = new Client(connectionOptions(asOwner(database, owner), "first administrator"));
  await client.connect();
  try {
    // Row-level security holds for the owner too.
    await client.query("SELECT set_config('app.user_id', 'system', false)");
    await client.query("UPDATE users SET roles = '{ADMIN}' WHERE email = $1", [email]);
  } finally {
    await client.end();
  }
}

async function call(
  url: string,
  body: object,
  expected: readonly number[],
  token?: string,
): Promise<Readonly<Record<string, unknown>>> {
  const response = await fetch(url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (!expected.includes(response.status)) {
    throw new Error(`${url} answered ${response.status}, expected ${expected.join(" or ")}: ${text}`);
  }
  return JSON.parse(text) as Record<string, unknown>;
}
