import { Type } from "typebox";
import { principalOf } from "../../../packages/kit/auth/access";
import { forbidden, tooManyRequests } from "../../../packages/kit/http/problem";
import { Body } from "../../../packages/kit/http/schema";
import type { Kit } from "../../../packages/kit/service";
import type { BrokerLogin } from "../application/broker-login";
import { BrokerStatusSchema, brokerStatusView } from "./schemas";

/** Few enough that a guesser locks no user out at the broker: five steps of a login in five minutes. */
const attempts = { rate: 5, windowMs: 300_000, capacity: 5 };
const tags = ["broker session"];

/** Logging in at the broker, with the code of its SMS. */
export function brokerAuthRoutes({ app, cache }: Kit, login: BrokerLogin): void {
  const countAttempt = async (userId: string) => {
    const { allowed, retryMs } = await cache.take(`broker-login:${userId}`, attempts);
    if (!allowed) {
      throw tooManyRequests("RATE_LIMIT_EXCEEDED", "too many logins at the broker", Math.ceil(retryMs / 1000));
    }
  };

  app.post(
    "/api/v1/broker/auth/login",
    {
      config: {
        access: "trading:read",
        problems: {
          401: ["BROKER_REFUSED_LOGIN"],
          409: ["BROKER_ACCOUNT_TAKEN", "OTHER_BROKER_ACCOUNT"],
          503: ["BROKER_UNAVAILABLE"],
        },
      },
      schema: {
        tags,
        summary: "Start a login at the broker, which sends an SMS code",
        body: Body({
          username: Type.String({ minLength: 1, maxLength: 32, description: "National id or customer number" }),
          password: Type.String({ minLength: 1, maxLength: 128 }),
          subAccount: Type.Optional(Type.String({ pattern: "^[0-9A-Za-z-]{0,32}$" })),
          feedsMarketData: Type.Optional(
            Type.Boolean({ description: "The platform reads its market data over this session" }),
          ),
        }),
        response: { 202: BrokerStatusSchema },
      },
    },
    async (request, reply) => {
      const { userId, roles } = principalOf(request);
      const { username, password, subAccount = "", feedsMarketData = false } = request.body;
      if (feedsMarketData && !roles.includes("ADMIN")) {
        throw forbidden("MISSING_AUTHORITY", "only an administrator's session feeds market data");
      }
      await countAttempt(userId);
      return reply
        .code(202)
        .send(brokerStatusView(await login.start(userId, { username, password, subAccount, feedsMarketData })));
    },
  );

  app.post(
    "/api/v1/broker/auth/verify-otp",
    {
      config: {
        access: "trading:read",
        problems: { 401: ["BROKER_REFUSED_LOGIN"], 409: ["NO_LOGIN_PENDING"], 503: ["BROKER_UNAVAILABLE"] },
      },
      schema: {
        tags,
        summary: "End a login with the code of the SMS",
        body: Body({ code: Type.String({ pattern: "^[0-9]{4,10}$" }) }),
        response: { 200: BrokerStatusSchema },
      },
    },
    async (request) => {
      const { userId } = principalOf(request);
      await countAttempt(userId);
      return brokerStatusView(await login.confirm(userId, request.body.code));
    },
  );

  app.get(
    "/api/v1/broker/auth/status",
    {
      config: { access: "trading:read" },
      schema: { tags, summary: "Whether there is a session at the broker", response: { 200: BrokerStatusSchema } },
    },
    async (request) => brokerStatusView(await login.status(principalOf(request).userId)),
  );

  app.post(
    "/api/v1/broker/auth/logout",
    {
      config: { access: "trading:read" },
      schema: { tags, summary: "Forget the session", response: { 204: Type.Null() } },
    },
    async (request, reply) => {
      await login.logout(principalOf(request).userId);
      return reply.code(204).send(null);
    },
  );
}
