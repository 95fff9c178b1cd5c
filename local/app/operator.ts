import type { ServiceKey } from "../../app/packages/contract/services";

/** The administrator of this machine, who has no other duty than to log in at the broker for market data. */
export const operatorEmail = "operator@bist-trading.local";
const customer = "10000000000";

export interface OperatorOptions {
  readonly urls: Readonly<Record<ServiceKey, string>>;
  /** The operator's, at the platform and at the broker. */
  readonly password: string;
  /** Runs the application's `grant-roles`: no route gives the first administrator that role. */
  readonly grantRoles: (email: string, role: "ADMIN") => Promise<void>;
}

/** Registers the operator on the first start, who can then log in at the broker for market data. */
export async function registerOperator({ urls, password, grantRoles }: OperatorOptions): Promise<void> {
  const person = { email: operatorEmail, password, firstName: "Market", lastName: "Data" };
  await call(`${urls.userManagement}/api/v1/auth/register`, person, [201, 409]);
  await grantRoles(operatorEmail, "ADMIN");
}

/** Gives market data its session: logs the operator in at the broker with the code that the simulator sends. */
export async function logInOperator(
  { urls, password }: Pick<OperatorOptions, "urls" | "password">,
  simulatorUrl: string,
): Promise<void> {
  const credentials = { email: operatorEmail, password };
  const { accessToken } = await call(`${urls.userManagement}/api/v1/auth/login`, credentials, [200]);
  const token = String(accessToken);
  const login = { username: customer, password, feedsMarketData: true };
  const auth = `${urls.brokerIntegration}/api/v1/broker/auth`;
  await call(`${auth}/login`, login, [202], token);
  const sms = await fetch(`${simulatorUrl}/simulator/sms/${customer}`);
  const { code } = (await sms.json()) as { code: string };
  await call(`${auth}/verify-otp`, { code }, [200], token);
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
