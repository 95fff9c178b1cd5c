import type { TokenConfig } from "../../packages/kit/config/sections";
import type { Kit } from "../../packages/kit/service";
import { Accounts } from "./accounts";
import type { UserManagementConfig } from "./config";
import { PersonalDataVault } from "./identity/vault";
import { authRoutes } from "./routes/auth";
import { keyRoutes } from "./routes/keys";
import { userRoutes } from "./routes/users";
import { Sessions } from "./sessions/sessions";
import { forgetAfterMs } from "./sign-in/lock-out";
import { SignIn } from "./sign-in/sign-in";
import { forgetFailures } from "./store/failures";
import { AccessTokens } from "./tokens/access-tokens";

const cleaningMs = 3_600_000;

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
  userRoutes(kit, accounts);
  keyRoutes(kit, config.signingKeys);

  const cleaning = setInterval(() => {
    const before = new Date(kit.clock.now() - forgetAfterMs);
    kit.database
      .as("system", (db) => forgetFailures(db, before))
      .catch((error: unknown) => {
        kit.log.warn({ error: (error as Error).message }, "old failed sign-ins could not be removed");
      });
  }, cleaningMs);
  kit.lifecycle.onDrain("cleaning", () => {
    clearInterval(cleaning);
    return Promise.resolve();
  });
}
