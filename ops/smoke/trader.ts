import { z } from "zod";
import type { Colour } from "../../config/schema/release-state";
import type { Credentials } from "./account";
import type { Call, Reply, Visitor } from "./visitor";

const tokens = z.object({ accessToken: z.string() });
const someSymbols = z.array(z.unknown()).min(1);

/**
 * A trader's path through the public API: signs in, has the token validated, looks at symbols and quotes, asks for the
 * session at the broker, signs out. It registers the account where the database does not know it yet.
 *
 * @param colour tries this colour, live or not
 * @param tell called with each step that went well
 * @throws Error that names the request which did not answer as it should, and what it answered
 */
export async function walkAsTrader(
  visitor: Visitor,
  account: Credentials,
  colour: Colour | undefined,
  tell: (step: string) => void,
): Promise<void> {
  const ask = asking(visitor, colour);
  const token = await signIn(ask, account);
  tell("signed in");
  await ask({ ...validation, token }, [200]);
  tell("the token is valid");
  const symbols = await ask({ service: "marketData", method: "GET", path: "/api/v1/symbols", token }, [200]);
  if (!someSymbols.safeParse(symbols.body).success) throw new Error("GET /api/v1/symbols of marketData lists none");
  await ask({ service: "marketData", method: "GET", path: "/api/v1/market-data/quotes", token }, [200]);
  tell("symbols and quotes are there");
  // 403 is the answer to a trader without an account at the broker: the token was read, and the service answers.
  await ask({ service: "brokerIntegration", method: "GET", path: "/api/v1/broker/auth/status", token }, [200, 403]);
  tell("the broker's side answers");
  await ask({ service: "userManagement", method: "POST", path: "/api/v1/auth/logout", token }, [204]);
  tell("signed out");
}

type Ask = (call: Omit<Call, "colour">, expected: readonly number[]) => Promise<Reply>;

/** Asks whether a token is still good. */
export const validation = { service: "userManagement", method: "GET", path: "/api/v1/auth/validate" } as const;

/** Calls that throw an Error which names whatever did not answer as it should. */
export function asking(visitor: Visitor, colour?: Colour): Ask {
  return async (call, expected) => {
    const reply = await visitor.call({ ...call, colour });
    if (expected.includes(reply.status)) return reply;
    throw new Error(
      `${call.method} ${call.path} of ${call.service} answered ${reply.status} instead of ${expected.join(" or ")}: ` +
        JSON.stringify(reply.body),
    );
  };
}

/** @returns the access token of a new session */
export async function signIn(ask: Ask, { email, password }: Credentials): Promise<string> {
  const login = { service: "userManagement", method: "POST", path: "/api/v1/auth/login" } as const;
  const body = { email, password };
  const first = await ask({ ...login, body }, [200, 401]);
  if (first.status === 200) return tokens.parse(first.body).accessToken;
  const names = { firstName: "Smoke", lastName: "Test" };
  await ask({ ...login, path: "/api/v1/auth/register", body: { ...body, ...names } }, [201]);
  return tokens.parse((await ask({ ...login, body }, [200])).body).accessToken;
}
