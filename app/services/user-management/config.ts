import { roles } from "../../packages/contract/authorities";
import type { Role } from "../../packages/contract/authorities";
import { ConfigProblem, section } from "../../packages/kit/config/read";
import { list, maybe, oneOf, otherwise, secret, whole } from "../../packages/kit/config/variables";
import { parseEncryptionKeys } from "./crypto/personal-data-vault";
import type { EncryptionKey } from "./crypto/personal-data-vault";
import { signingKeyFromPem, signingKeyFromSecret } from "./crypto/signing-keys";
import type { SigningKey } from "./crypto/signing-keys";

export interface UserManagementConfig {
  /** The first signs; all are published, so that tokens of the one before stay good. */
  readonly signingKeys: readonly SigningKey[];
  readonly accessTokenMs: number;
  readonly refreshTokenMs: number;
  /** The first encrypts; all decrypt. */
  readonly encryptionKeys: readonly EncryptionKey[];
  /** Keys the hashes that look values up: TCKN, e-mail addresses of failed sign-ins. Never rotated. */
  readonly lookupSecret: string;
  /** What a new user may do. */
  readonly rolesOfNewUsers: readonly Role[];
}

const signingSecret = (expected: string) => maybe(secret(expected, 32));

export const userManagementSection = section(
  {
    JWT_SECRET: signingSecret(
      "at least 32 random characters, from which the signing key is derived, or JWT_SECRET_FILE",
    ),
    JWT_PRIVATE_KEY: signingSecret("an Ed25519 or P-256 private key in PEM (PKCS #8), or JWT_PRIVATE_KEY_FILE"),
    JWT_PREVIOUS_SECRET: signingSecret("the JWT_SECRET that was good before"),
    JWT_ACCESS_TOKEN_EXPIRATION: otherwise(whole(60_000, 3_600_000, "milliseconds"), 900_000),
    JWT_REFRESH_TOKEN_EXPIRATION: otherwise(whole(3_600_000, 2_592_000_000, "milliseconds"), 604_800_000),
    DATA_ENCRYPTION_KEYS: secret(
      "keys as id:base64 of 32 bytes, the current one first, separated by commas, or DATA_ENCRYPTION_KEYS_FILE",
    ),
    DATA_LOOKUP_SECRET: secret("at least 32 random characters, or DATA_LOOKUP_SECRET_FILE", 32),
    REGISTRATION_ROLES: otherwise(
      list(`roles out of ${roles.join(", ")}, separated by commas`, oneOf(...(roles as [Role, ...Role[]]))),
      ["USER"],
    ),
  },
  (values): UserManagementConfig => ({
    signingKeys: signingKeys(values.JWT_SECRET, values.JWT_PRIVATE_KEY, values.JWT_PREVIOUS_SECRET),
    accessTokenMs: values.JWT_ACCESS_TOKEN_EXPIRATION,
    refreshTokenMs: values.JWT_REFRESH_TOKEN_EXPIRATION,
    encryptionKeys: parseEncryptionKeys(values.DATA_ENCRYPTION_KEYS),
    lookupSecret: values.DATA_LOOKUP_SECRET,
    rolesOfNewUsers: values.REGISTRATION_ROLES as readonly Role[],
  }),
);

function signingKeys(
  current: string | undefined,
  pem: string | undefined,
  previous: string | undefined,
): readonly SigningKey[] {
  if ((current === undefined) === (pem === undefined))
    throw new ConfigProblem("JWT_SECRET and JWT_PRIVATE_KEY: exactly one of them signs tokens; set one");
  return [
    ...(pem === undefined ? [] : [signingKeyFromPem(pem)]),
    ...[current, previous].filter((text) => text !== undefined).map(signingKeyFromSecret),
  ];
}
