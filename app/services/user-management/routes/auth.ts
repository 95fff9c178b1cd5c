import type { FastifyRequest } from "fastify";
import { Type } from "typebox";
import { principalOf } from "../../../packages/kit/auth/access";
import { Body, Instant } from "../../../packages/kit/http/schema";
import type { Kit } from "../../../packages/kit/service";
import type { Accounts } from "../application/accounts";
import type { Sessions, SignedIn } from "../application/sessions";
import type { SignIn } from "../application/sign-in";
import type { Device } from "../domain/session";
import { Email, GivenPassword, Name, NewPassword, PhoneNumber, TokensSchema, Uuid } from "./schemas";

const tokensView = ({ access, refreshToken, refreshExpiresAt, sessionId }: SignedIn) => ({
  tokenType: "Bearer" as const,
  accessToken: access.token,
  accessExpiresAt: new Date(access.expiresAt).toISOString(),
  refreshToken,
  refreshExpiresAt: refreshExpiresAt.toISOString(),
  sessionId,
});

export const deviceOf = ({ ip, headers }: FastifyRequest): Device => ({
  ipAddress: ip,
  userAgent: (headers["user-agent"] ?? "").slice(0, 512),
});

const notStored = { "Cache-Control": "`no-store`: tokens are not kept by what lies between" };

/** Signing in and out. */
export function authRoutes({ app }: Kit, accounts: Accounts, signIn: SignIn, sessions: Sessions): void {
  const base = "/api/v1/auth";
  const tags = ["auth"];

  app.post(
    `${base}/register`,
    {
      config: {
        access: "public",
        problems: { 400: ["INVALID_TCKN"], 409: ["ALREADY_REGISTERED"], 422: ["WEAK_PASSWORD"] },
      },
      schema: {
        tags,
        summary: "Registers a user",
        body: Body({
          email: Email,
          password: NewPassword,
          firstName: Name,
          lastName: Name,
          phoneNumber: Type.Optional(PhoneNumber),
          tckn: Type.Optional(Type.String({ pattern: "^[0-9]{11}$", description: "Turkish identity number" })),
        }),
        response: { 201: Type.Object({ userId: Uuid }) },
      },
    },
    async (request, reply) =>
      reply.code(201).send({ userId: await accounts.register(request.body, deviceOf(request)) }),
  );

  app.post(
    `${base}/login`,
    {
      config: {
        access: "public",
        answerHeaders: notStored,
        problems: {
          401: ["INVALID_CREDENTIALS"],
          403: ["ACCOUNT_NOT_ACTIVE"],
          429: ["ACCOUNT_LOCKED", "TOO_MANY_FAILURES"],
        },
      },
      schema: {
        tags,
        summary: "Signs in with a password and opens a session",
        body: Body({ email: Email, password: GivenPassword }),
        response: { 200: TokensSchema },
      },
    },
    async (request, reply) => {
      const { email, password } = request.body;
      const signedIn = await signIn.signIn(email, password, deviceOf(request));
      reply.header("cache-control", "no-store");
      return tokensView(signedIn);
    },
  );

  app.post(
    `${base}/refresh`,
    {
      config: { access: "public", answerHeaders: notStored, problems: { 401: ["INVALID_REFRESH_TOKEN"] } },
      schema: {
        tags,
        summary: "Exchanges a refresh token, which works once, for new tokens",
        body: Body({ refreshToken: Type.String({ minLength: 1, maxLength: 128 }) }),
        response: { 200: TokensSchema },
      },
    },
    async (request, reply) => {
      const signedIn = await sessions.refresh(request.body.refreshToken, deviceOf(request));
      reply.header("cache-control", "no-store");
      return tokensView(signedIn);
    },
  );

  app.post(
    `${base}/logout`,
    {
      config: { access: "authenticated" },
      schema: { tags, summary: "Ends the session of the access token", response: { 204: Type.Null() } },
    },
    async (request, reply) => {
      const { userId, sessionId } = principalOf(request);
      if (sessionId !== undefined) await sessions.signOut(userId, sessionId, request.ip);
      return reply.code(204).send(null);
    },
  );

  app.get(
    `${base}/validate`,
    {
      config: { access: "authenticated" },
      schema: {
        tags,
        summary: "Says what the access token stands for",
        response: {
          200: Type.Object({
            userId: Uuid,
            sessionId: Type.Optional(Uuid),
            roles: Type.Array(Type.String()),
            authorities: Type.Array(Type.String()),
            expiresAt: Instant(),
          }),
        },
      },
    },
    (request) => {
      const { userId, sessionId, roles, authorities, expiresAt } = principalOf(request);
      return {
        userId,
        sessionId,
        roles: [...roles],
        authorities: [...authorities],
        expiresAt: new Date(expiresAt).toISOString(),
      };
    },
  );
}
