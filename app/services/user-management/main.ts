import "../../packages/kit/observability/tracing";
import { services } from "../../packages/contract/services";
import { readConfig } from "../../packages/kit/config/read";
import { serviceSections } from "../../packages/kit/config/sections";
import { runService } from "../../packages/kit/main";
import { userManagementSection } from "./config";
import { ownKeys } from "./crypto/access-tokens";
import { buildUserManagement } from "./service";

void runService(
  services.userManagement,
  () => readConfig({ ...serviceSections(services.userManagement), users: userManagementSection }),
  (kit, { tokens, users }) => {
    buildUserManagement(kit, tokens, users);
  },
  ({ users }) => ({ tokenKeys: ownKeys(users.signingKeys) }),
);
