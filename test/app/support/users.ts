import { randomBytes, randomUUID } from "node:crypto";
import { services } from "../../../app/packages/contract/services";
import type { ServiceOptions } from "../../../app/packages/kit/service";
import type { UserManagementConfig } from "../../../app/services/user-management/config";
import { ownKeys } from "../../../app/services/user-management/crypto/access-tokens";
import { signingKeyFromSecret } from "../../../app/services/user-management/crypto/signing-keys";
import { buildUserManagement } from "../../../app/services/user-management/service";
import type { TestDatabase } from "./postgres";
import { startTestService, testServiceConfig, textAt } from "./service";
import type { TestService } from "./service";

export const testUserManagementConfig = (): UserManagementConfig => ({
  // The one that signs, and the one before.
  signingKeys: [randomBytes(32), randomBytes(32)].map((secret) => signingKeyFromSecret(secret.toString("hex"))),
  accessTokenMs: 900_000,
  refreshTokenMs: 604_800_000,
  encryptionKeys: [{ id: "test", key: randomBytes(32) }],
  lookupSecret: randomBytes(32).toString("hex"),
  rolesOfNewUsers: ["TRADER"],
});

/** user-management as it runs, in this process. */
export function startUserManagement(
  database: TestDatabase,
  options: ServiceOptions & { readonly users?: UserManagementConfig; readonly rateLimits?: boolean } = {},
): Promise<TestService> {
  const { users = testUserManagementConfig(), rateLimits = false, ...rest } = options;
  const config = testServiceConfig(database);
  return startTestService(
    services.userManagement,
    { ...config, http: { ...config.http, rateLimits } },
    (kit) => {
      buildUserManagement(kit, config.tokens, users);
    },
    { tokenKeys: ownKeys(users.signingKeys), ...rest },
  );
}

export const goodPassword = "correct horse battery staple";

export interface TestUser {
  readonly userId: string;
  readonly email: string;
  readonly password: string;
}

export interface TestTokens {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly sessionId: string;
}

export async function registerUser(service: TestService, more: Record<string, unknown> = {}): Promise<TestUser> {
  const email = `${randomUUID()}@example.com`;
  const body = { email, password: goodPassword, firstName: "Ayşe", lastName: "Yılmaz", ...more };
  const answer = await service.call("POST", "/api/v1/auth/register", { body });
  return { userId: textAt(answer.body, "userId"), email, password: goodPassword };
}

export async function signIn(
  service: TestService,
  { email, password }: Pick<TestUser, "email" | "password">,
  headers: Readonly<Record<string, string>> = {},
): Promise<TestTokens> {
  const { body } = await service.call("POST", "/api/v1/auth/login", { body: { email, password }, headers });
  return {
    accessToken: textAt(body, "accessToken"),
    refreshToken: textAt(body, "refreshToken"),
    sessionId: textAt(body, "sessionId"),
  };
}
