import type { TokenConfig } from "../../packages/kit/config/sections";
import { exportSlowStatements } from "../../packages/kit/observability/slow-statements";
import type { Kit } from "../../packages/kit/service";
import { Accounts } from "./application/accounts";
import { Sessions } from "./application/sessions";
import { SignIn } from "./application/sign-in";
import type { UserManagementConfig } from "./config";
import { AccessTokens, keySet } from "./crypto/access-tokens";
import { PersonalDataVault } from "./crypto/personal-data-vault";
import { forgetAfterMs } from "./domain/lock-out";
import { authRoutes } from "./routes/auth";
import { keyRoutes } from "./routes/keys";
import { userRoutes } from "./routes/users";
import { deleteFailures } from "./store/failures";

const retentionMs = 3_600_000;

/** Users, their sessions, and the tokens that the other services believe. */
export function buildUserManagement(kit: Kit, tokens: TokenConfig, config: UserManagementConfig): void {
  const [signingKey] = config.signingKeys;
  if (signingKey === undefined) throw new Error("user-management needs a key to sign tokens with");
  const accessTokens = new AccessTokens(signingKey, tokens, config.accessTokenMs, kit.clock);
  const sessions = new Sessions(kit, accessTokens, config.refreshTokenMs);
  const signIn = new SignIn(kit, sessions, config.lookupSecret);
  const vault = new PersonalDataVault(config.encryptionKeys);
  const accounts = new Accounts(kit, vault, config.lookupSecret, config.rolesOfNewUsers);

  authRoutes(kit, accounts, signIn, sessions);
  userRoutes(kit, accounts, sessions);
  keyRoutes(kit, keySet(config.signingKeys));

  // Of all services: they are one user of the database, and this one has the fewest pods, whatever the load.
  exportSlowStatements(kit);

  const retention = setInterval(() => {
    const before = new Date(kit.clock.now() - forgetAfterMs);
    deleteFailures(kit.database, before).catch((error: unknown) => {
      kit.log.warn({ error: (error as Error).message }, "old failed sign-ins could not be removed");
    });
  }, retentionMs);
  kit.lifecycle.onDrain("retention", () => {
    clearInterval(retention);
    return Promise.resolve();
  });
}
