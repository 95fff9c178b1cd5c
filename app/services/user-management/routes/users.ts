import { Type } from "typebox";
import { roles } from "../../../packages/contract/authorities";
import { principalOf } from "../../../packages/kit/auth/access";
import { Body } from "../../../packages/kit/http/schema";
import type { Kit } from "../../../packages/kit/service";
import type { Accounts, Profile } from "../application/accounts";
import type { Sessions } from "../application/sessions";
import type { Session } from "../domain/session";
import { deviceOf } from "./auth";
import { userStatuses } from "../domain/user";
import {
  GivenPassword,
  Name,
  NewPassword,
  PhoneNumber,
  ProfileSchema,
  RoleName,
  SessionSchema,
  StatusChangeSchema,
  Uuid,
} from "./schemas";

const profileView = ({
  userId,
  email,
  firstName,
  lastName,
  phoneNumber,
  maskedTckn,
  roles: granted,
  createdAt,
}: Profile) => ({
  userId,
  email,
  firstName,
  lastName,
  phoneNumber,
  tckn: maskedTckn,
  roles: [...granted],
  createdAt: createdAt.toISOString(),
});

const sessionView = (session: Session, current: string | undefined) => ({
  sessionId: session.sessionId,
  current: session.sessionId === current,
  userAgent: session.userAgent,
  ipAddress: session.ipAddress,
  createdAt: session.createdAt.toISOString(),
  lastUsedAt: session.lastUsedAt.toISOString(),
  expiresAt: session.expiresAt.toISOString(),
});

/** What users see and change of themselves, and administrators of others. */
export function userRoutes({ app }: Kit, accounts: Accounts, sessions: Sessions): void {
  const base = "/api/v1/users";
  const tags = ["users"];
  const problems = { 404: ["USER_NOT_FOUND"] };
  const config = { access: "authenticated" } as const;
  const ofOneself = { ...config, problems };
  const none = { 204: Type.Null() };

  app.get(
    `${base}/profile`,
    { config: ofOneself, schema: { tags, summary: "One's own profile", response: { 200: ProfileSchema } } },
    async (request) => profileView(await accounts.profile(principalOf(request).userId)),
  );

  app.put(
    `${base}/profile`,
    {
      config: ofOneself,
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
      return profileView(await accounts.updateProfile(userId, { firstName, lastName, phoneNumber }));
    },
  );

  app.put(
    `${base}/password`,
    {
      config: { ...config, problems: { ...problems, 401: ["WRONG_PASSWORD"], 422: ["WEAK_PASSWORD"] } },
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
          200: Type.Object({ sessions: Type.Array(SessionSchema) }),
        },
      },
    },
    async (request) => {
      const { userId, sessionId: current } = principalOf(request);
      const active = await sessions.active(userId);
      return { sessions: active.map((session) => sessionView(session, current)) };
    },
  );

  app.delete(
    `${base}/sessions/terminate-all`,
    { config, schema: { tags, summary: "Ends all of one's sessions, this one too", response: none } },
    async (request, reply) => {
      await sessions.terminateAll(principalOf(request).userId, request.ip);
      return reply.code(204).send(null);
    },
  );

  app.delete(
    `${base}/sessions/:sessionId`,
    {
      config: { ...config, problems: { 404: ["SESSION_NOT_FOUND"] } },
      schema: { tags, summary: "Ends one of one's sessions", params: Type.Object({ sessionId: Uuid }), response: none },
    },
    async (request, reply) => {
      await sessions.terminate(principalOf(request).userId, request.params.sessionId, request.ip);
      return reply.code(204).send(null);
    },
  );

  app.post(
    `${base}/deactivate`,
    {
      config: { ...config, problems: { ...problems, 401: ["WRONG_PASSWORD"] } },
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
      config: { access: "users:manage", problems },
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

  app.put(
    `${base}/:userId/status`,
    {
      config: { access: "users:manage", problems: { ...problems, 409: ["USER_DEACTIVATED"] } },
      schema: {
        tags,
        summary: "Suspends, deactivates or reactivates a user",
        description:
          "A user who is not active has no sessions, is logged out at the broker, and cannot log in there. Orders that " +
          "were not sent are rejected (`USER_SUSPENDED`); those at the broker stay there until they are filled or the " +
          "day ends. Deactivating is for good.",
        params: Type.Object({ userId: Uuid }),
        body: Body({
          status: Type.Enum([...userStatuses]),
          reason: Type.String({ minLength: 1, maxLength: 500, description: "Kept with the user's security events" }),
        }),
        response: { 200: StatusChangeSchema },
      },
    },
    async (request) => {
      const { userId } = request.params;
      const { status, reason } = request.body;
      const intervention = { actorId: principalOf(request).userId, reason };
      return { userId, status, orders: await accounts.setStatus(userId, status, intervention, deviceOf(request)) };
    },
  );
}
