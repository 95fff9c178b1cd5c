import { randomInt } from "node:crypto";
import type { BenchEnvironment } from "./bench-environment";

/** Traders who are logged in at the broker, by their access tokens. */
export async function logInTraders(bench: BenchEnvironment, count: number): Promise<readonly string[]> {
  const tokens = await bench.tokens.issue(count);
  for (const token of tokens) await logIn(bench, token, String(randomInt(1_000_000_000, 9_999_999_999)));
  return tokens;
}

async function logIn({ urls, simulatorUrl }: BenchEnvironment, token: string, customer: string): Promise<void> {
  const auth = `${urls.brokerIntegration}/api/v1/broker/auth`;
  await post(`${auth}/login`, token, { username: customer, password: "of the simulator" });
  const sms = await fetch(`${simulatorUrl}/simulator/sms/${customer}`);
  const { code } = (await sms.json()) as { readonly code: string };
  await post(`${auth}/verify-otp`, token, { code });
}

async function post(url: string, token: string, body: object): Promise<void> {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
}
