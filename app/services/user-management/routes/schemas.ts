import { Type } from "typebox";
import { roles } from "../../../packages/contract/authorities";
import { Instant } from "../../../packages/kit/http/schema";
import { passwordLength } from "../domain/password-policy";
import { userStatuses } from "../domain/user";

export const Uuid = Type.String({ format: "uuid" });
export const Email = Type.String({ format: "email", maxLength: 254 });
/** Passwords that are only compared: no rule but a bound on the work. */
export const GivenPassword = Type.String({ minLength: 1, maxLength: 512 });
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

export const TokensSchema = Type.Object({
  tokenType: Type.Literal("Bearer"),
  accessToken: Type.String(),
  accessExpiresAt: Instant(),
  refreshToken: Type.String(),
  refreshExpiresAt: Instant(),
  sessionId: Uuid,
});

export const RoleName = Type.Enum([...roles]);

export const ProfileSchema = Type.Object({
  userId: Uuid,
  email: Type.String(),
  firstName: Type.String(),
  lastName: Type.String(),
  phoneNumber: Type.Optional(Type.String()),
  tckn: Type.Optional(Type.String({ description: "all but the last two digits hidden" })),
  roles: Type.Array(Type.String()),
  createdAt: Instant(),
});

export const StatusChangeSchema = Type.Object({
  userId: Uuid,
  status: Type.Enum([...userStatuses]),
  orders: Type.Object({
    notSent: Type.Integer({ description: "Taken and not sent: rejected unless the user is active" }),
    atBroker: Type.Integer({ description: "Sent: they stay at the broker until filled or the day ends" }),
  }),
});

export const SessionSchema = Type.Object({
  sessionId: Uuid,
  current: Type.Boolean(),
  userAgent: Type.String(),
  ipAddress: Type.Optional(Type.String()),
  createdAt: Instant(),
  lastUsedAt: Instant(),
  expiresAt: Instant(),
});
