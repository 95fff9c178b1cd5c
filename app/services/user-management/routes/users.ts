import { Type } from "typebox";
import { roles } from "../../../packages/contract/authorities";
import { principalOf } from "../../../packages/kit/auth/access";
import { notFound } from "../../../packages/kit/http/problem";
import { Body, Instant } from "../../../packages/kit/http/schema";
import type { Kit } from "../../../packages/kit/service";
import type { Accounts, Profile } from "../accounts";
import { recordEvent } from "../store/security-events";
import { activeSessions, endSession, endSessions } from "../store/sessions";
import { deviceOf, Name, NewPassword, PhoneNumber } from "./auth";

const Uuid = Type.String({ format: "uuid" });
const RoleName = Type.Enum([...roles]);
const GivenPassword = Type.String({ minLength: 1, maxLength: 512 });

const ProfileSchema = Type.Object({
  userId: Uuid,
  email: Type.String(),
  firstName: Type.String(),
  lastName: Type.String(),
  phoneNumber: Type.Optional(Type.String()),
  tckn: Type.Optional(Type.String({ description: "all but the last two digits hidden" })),
  roles: Type.Array(Type.String()),
  createdAt: Instant(),
});

const profileBody = ({
  userId,
  email,
  firstName,
  lastName,
  phoneNumber,
  maskedTckn,
  roles: held,
  createdAt,
}: Profile) => ({
  userId,
  email,
  firstName,
  lastName,
  phoneNumber,
  tckn: maskedTckn,
  roles: [...held],
  createdAt: createdAt.toISOString(),
});

/** What users see and change of themselves, and administrators of others. */
export function userRoutes({ app, database, clock }: Kit, accounts: Accounts): void {
  const base = "/api/v1/users";
  const tags = ["users"];
  const config = { access: "authenticated" } as const;
  const none = { 204: Type.Null() };

  app.get(
    `${base}/profile`,
    { config, schema: { tags, summary: "One's own profile", response: { 200: ProfileSchema } } },
    async (request) => profileBody(await accounts.profile(principalOf(request).userId)),
  );

  app.put(
    `${base}/profile`,
    {
      config,
      schema: {
        tags,
        summary: "Changes one's own profile",
        body: Body({ firstName: Name, lastName: Name, phoneNumber: Type.Optional(PhoneNumber) }),
        response: { 200: ProfileSchema },
      },
    },
    async (request) => {
      const { firstName, lastName, phoneNumber } = request.body;
      const { userId } = principalOf(request);
      return profileBody(await accounts.updateProfile(userId, { firstName, lastName, phoneNumber }));
    },
  );

  app.put(
    `${base}/password`,
    {
      config,
      schema: {
        tags,
        summary: "Changes one's password and ends every other session",
        body: Body({ currentPassword: GivenPassword, newPassword: NewPassword }),
        response: none,
      },
    },
    async (request, reply) => {
      const { userId, sessionId } = principalOf(request);
      const { currentPassword: current, newPassword: next } = request.body;
      await accounts.changePassword(userId, sessionId, { current, next }, deviceOf(request));
      return reply.code(204).send(null);
    },
  );

  app.get(
    `${base}/sessions`,
    {
      config,
      schema: {
        tags,
        summary: "One's own sessions, the newest first",
        response: {
          200: Type.Object({
            sessions: Type.Array(
              Type.Object({
                sessionId: Uuid,
                current: Type.Boolean(),
                userAgent: Type.String(),
                ipAddress: Type.Optional(Type.String()),
                createdAt: Instant(),
                lastUsedAt: Instant(),
                expiresAt: Instant(),
              }),
            ),
          }),
        },
      },
    },
    async (request) => {
      const { userId, sessionId: current } = principalOf(request);
      const sessions = await database.as({ userId }, (db) => activeSessions(db, userId, new Date(clock.now())));
      return {
        sessions: sessions.map(({ sessionId, userAgent, ipAddress, createdAt, lastUsedAt, expiresAt }) => ({
          sessionId,
          current: sessionId === current,
          userAgent,
          ipAddress,
          createdAt: createdAt.toISOString(),
          lastUsedAt: lastUsedAt.toISOString(),
          expiresAt: expiresAt.toISOString(),
        })),
      };
    },
  );

  app.delete(
    `${base}/sessions/terminate-all`,
    { config, schema: { tags, summary: "Ends all of one's sessions, this one too", response: none } },
    async (request, reply) => {
      const { userId } = principalOf(request);
      await database.as({ userId }, async (db) => {
        await endSessions(db, userId, "TERMINATED");
        await recordEvent(db, userId, "SESSION_TERMINATED", request.ip);
      });
      return reply.code(204).send(null);
    },
  );

  app.delete(
    `${base}/sessions/:sessionId`,
    {
      config,
      schema: { tags, summary: "Ends one of one's sessions", params: Type.Object({ sessionId: Uuid }), response: none },
    },
    async (request, reply) => {
      const { userId } = principalOf(request);
      const { sessionId } = request.params;
      const ended = await database.as({ userId }, async (db) => {
        const found = await endSession(db, userId, sessionId, "TERMINATED");
        if (found) await recordEvent(db, userId, "SESSION_TERMINATED", request.ip);
        return found;
      });
      if (!ended) throw notFound("SESSION_NOT_FOUND", "you have no such session");
      return reply.code(204).send(null);
    },
  );

  app.post(
    `${base}/deactivate`,
    {
      config,
      schema: {
        tags,
        summary: "Ends one's account",
        body: Body({ password: GivenPassword }),
        response: none,
      },
    },
    async (request, reply) => {
      await accounts.deactivate(principalOf(request).userId, request.body.password, deviceOf(request));
      return reply.code(204).send(null);
    },
  );

  app.put(
    `${base}/:userId/roles`,
    {
      config: { access: "users:manage" },
      schema: {
        tags,
        summary: "Gives a user other roles and ends the user's sessions",
        params: Type.Object({ userId: Uuid }),
        body: Body({ roles: Type.Array(RoleName, { minItems: 1, maxItems: roles.length, uniqueItems: true }) }),
        response: none,
      },
    },
    async (request, reply) => {
      await accounts.setRoles(request.params.userId, request.body.roles, deviceOf(request));
      return reply.code(204).send(null);
    },
  );
}
