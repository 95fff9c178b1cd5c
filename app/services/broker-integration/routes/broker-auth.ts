import { Type } from "typebox";
import { principalOf } from "../../../packages/kit/auth/access";
import { forbidden, Problem, tooManyRequests } from "../../../packages/kit/http/problem";
import { Body } from "../../../packages/kit/http/schema";
import type { Kit } from "../../../packages/kit/service";
import type { BrokerLogin } from "../application/broker-login";
import { BrokerStatusSchema, brokerStatusView, SubAccountNumber, UserId } from "./schemas";

/** Few enough that a guesser locks no user out at the broker: five steps of a login in five minutes. */
const attempts = { rate: 5, windowMs: 300_000, capacity: 5 };
const tags = ["broker session"];
const ApiKey = Type.String({
  maxLength: 128,
  description: "The customer's own, API-<base64 of 32 bytes>; kept sealed",
});

/** Logging in at the broker, with the code of its SMS. */
export function brokerAuthRoutes({ app, cache }: Kit, login: BrokerLogin): void {
  /** Counts a step of a login as one of the attempts, unless it was not judged because other calls of the customer went first. */
  const asAttempt = async <T>(userId: string, step: () => Promise<T>): Promise<T> => {
    const key = `broker-login:${userId}`;
    const { allowed, retryMs } = await cache.take(key, attempts);
    if (!allowed) {
      throw tooManyRequests("RATE_LIMIT_EXCEEDED", "too many logins at the broker", Math.ceil(retryMs / 1000));
    }
    try {
      return await step();
    } catch (error) {
      if (error instanceof Problem && error.code === "BROKER_BUSY") await cache.giveBack(key, attempts);
      throw error;
    }
  };

  app.post(
    "/api/v1/broker/auth/login",
    {
      config: {
        access: "trading:read",
        problems: {
          401: ["BROKER_REFUSED_LOGIN"],
          403: ["ACCOUNT_NOT_ACTIVE"],
          422: ["API_KEY_REQUIRED", "INVALID_API_KEY"],
          429: ["BROKER_BUSY"],
          502: ["BROKER_ANSWER_UNREADABLE"],
          503: ["BROKER_UNAVAILABLE"],
        },
      },
      schema: {
        tags,
        summary: "Start a login at the broker, which sends an SMS code",
        body: Body({
          username: Type.String({ minLength: 1, maxLength: 32, description: "National id or customer number" }),
          password: Type.String({ minLength: 1, maxLength: 128 }),
          apiKey: Type.Optional(ApiKey),
          subAccount: Type.Optional(SubAccountNumber),
          feedsMarketData: Type.Optional(
            Type.Boolean({ description: "The platform reads its market data over this session" }),
          ),
        }),
        response: { 202: BrokerStatusSchema },
      },
    },
    async (request, reply) => {
      const { userId, roles } = principalOf(request);
      const { feedsMarketData = false, username, password, apiKey, subAccount } = request.body;
      if (feedsMarketData && !roles.includes("ADMIN")) {
        throw forbidden("MISSING_AUTHORITY", "only an administrator's session feeds market data");
      }
      const credentials = { username, password, apiKey, subAccount, feedsMarketData };
      return reply.code(202).send(brokerStatusView(await asAttempt(userId, () => login.start(userId, credentials))));
    },
  );

  app.post(
    "/api/v1/broker/auth/verify-otp",
    {
      config: {
        access: "trading:read",
        problems: {
          401: ["BROKER_REFUSED_LOGIN"],
          403: ["ACCOUNT_NOT_ACTIVE"],
          409: ["NO_LOGIN_PENDING", "BROKER_ACCOUNT_TAKEN", "OTHER_BROKER_ACCOUNT"],
          422: ["API_KEY_REQUIRED"],
          429: ["BROKER_BUSY"],
          502: ["BROKER_ANSWER_UNREADABLE"],
          503: ["BROKER_UNAVAILABLE"],
        },
      },
      schema: {
        tags,
        summary: "End a login with the code of the SMS",
        description:
          "Where the login named a sub-account and the broker has not listed it yet, or it cannot be chosen, the answer is " +
          "AWAITING_SUB_ACCOUNT: the session is kept, and no order is taken until a sub-account is chosen.",
        body: Body({ code: Type.String({ pattern: "^[0-9]{4,10}$" }) }),
        response: { 200: BrokerStatusSchema },
      },
    },
    async (request) => {
      const { userId } = principalOf(request);
      return brokerStatusView(await asAttempt(userId, () => login.confirm(userId, request.body.code)));
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

  app.put(
    "/api/v1/broker/api-keys/:userId",
    {
      config: { access: "users:manage", problems: { 422: ["INVALID_API_KEY"] } },
      schema: {
        tags,
        summary: "Keep a customer's API key for a user's next logins at the broker",
        params: Type.Object({ userId: UserId }),
        body: Body({ apiKey: ApiKey }),
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const { userId } = request.params;
      await login.giveApiKey(userId, request.body.apiKey);
      request.log.info({ userId, by: principalOf(request).userId }, "an API key was given for a user");
      return reply.code(204).send(null);
    },
  );

  app.delete(
    "/api/v1/broker/api-keys/:userId",
    {
      config: { access: "users:manage", problems: { 404: ["API_KEY_NOT_FOUND"] } },
      schema: {
        tags,
        summary: "Forget the API key that is kept for a user",
        params: Type.Object({ userId: UserId }),
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const { userId } = request.params;
      await login.forgetApiKey(userId);
      request.log.info({ userId, by: principalOf(request).userId }, "the API key kept for a user was deleted");
      return reply.code(204).send(null);
    },
  );
}
