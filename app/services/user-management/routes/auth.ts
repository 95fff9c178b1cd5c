import type { FastifyRequest } from "fastify";
import { Type } from "typebox";
import { principalOf } from "../../../packages/kit/auth/access";
import { Body, Instant } from "../../../packages/kit/http/schema";
import type { Kit } from "../../../packages/kit/service";
import type { Accounts } from "../accounts";
import { passwordLength } from "../passwords/policy";
import type { Device, Sessions, SignedIn } from "../sessions/sessions";
import type { SignIn } from "../sign-in/sign-in";
import { recordEvent } from "../store/security-events";
import { endSession } from "../store/sessions";

const Email = Type.String({ format: "email", maxLength: 254 });
/** Passwords that are only compared: no rule but a bound on the work. */
const GivenPassword = Type.String({ minLength: 1, maxLength: 512 });
export const NewPassword = Type.String({
  minLength: 1,
  maxLength: 512,
  description: `${passwordLength.least} to ${passwordLength.most} characters`,
});
export const Name = Type.String({ minLength: 1, maxLength: 100 });
export const PhoneNumber = Type.String({
  pattern: "^\\+90[0-9]{10}$",
  description: "in Turkey, such as +905321234567",
});

const Tokens = Type.Object({
  tokenType: Type.Literal("Bearer"),
  accessToken: Type.String(),
  accessExpiresAt: Instant(),
  refreshToken: Type.String(),
  refreshExpiresAt: Instant(),
  sessionId: Type.String({ format: "uuid" }),
});

const tokensOf = ({ access, refreshToken, refreshExpiresAt, sessionId }: SignedIn) => ({
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

/** Signing in and out. */
export function authRoutes({ app, database }: Kit, accounts: Accounts, signIn: SignIn, sessions: Sessions): void {
  const base = "/api/v1/auth";
  const tags = ["auth"];

  app.post(
    `${base}/register`,
    {
      config: { access: "public" },
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
        response: { 201: Type.Object({ userId: Type.String({ format: "uuid" }) }) },
      },
    },
    async (request, reply) =>
      reply.code(201).send({ userId: await accounts.register(request.body, deviceOf(request)) }),
  );

  app.post(
    `${base}/login`,
    {
      config: { access: "public" },
      schema: {
        tags,
        summary: "Signs in with a password and opens a session",
        body: Body({ email: Email, password: GivenPassword }),
        response: { 200: Tokens },
      },
    },
    async (request, reply) => {
      const { email, password } = request.body;
      reply.header("cache-control", "no-store");
      return tokensOf(await signIn.signIn(email, password, deviceOf(request)));
    },
  );

  app.post(
    `${base}/refresh`,
    {
      config: { access: "public" },
      schema: {
        tags,
        summary: "Exchanges a refresh token, which works once, for new tokens",
        body: Body({ refreshToken: Type.String({ minLength: 1, maxLength: 128 }) }),
        response: { 200: Tokens },
      },
    },
    async (request, reply) => {
      reply.header("cache-control", "no-store");
      return tokensOf(await sessions.refresh(request.body.refreshToken, deviceOf(request)));
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
      if (sessionId !== undefined)
        await database.as({ userId }, async (db) => {
          await endSession(db, userId, sessionId, "LOGOUT");
          await recordEvent(db, userId, "SIGNED_OUT", request.ip);
        });
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
            userId: Type.String({ format: "uuid" }),
            sessionId: Type.Optional(Type.String({ format: "uuid" })),
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
