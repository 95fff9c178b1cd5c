import { containerRule } from "../pods";
import { known } from "../rule";

const SECRET = /(^|_)(PASSWORD|SECRET|TOKEN|KEYS?)$/;

/** No environment variable that is named for a secret has its value in the plan. BIST_7. */
export const noSecretInPlainSight = containerRule(
  {
    id: "BIST_7",
    title: "No environment variable that is named for a secret has its value in the plan",
    remedy: "mount the Secret as files; a setting that is none must not end in PASSWORD, SECRET, TOKEN, KEY or KEYS",
  },
  ({ env }) => (known(env) ?? []).every(({ name, value }) => !SECRET.test(known(name)) || value === undefined),
);
