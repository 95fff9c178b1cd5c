import { createRemoteJWKSet, errors, jwtVerify } from "jose";
import type { JWTVerifyGetKey } from "jose";
import { authorities } from "../../contract/authorities";
import type { Authority } from "../../contract/authorities";
import { networkLimits } from "../../contract/network-limits";
import type { Clock } from "../clock";
import type { TokenConfig } from "../config/sections";
import { unauthorized, unavailable } from "../http/problem";
import type { Principal } from "./principal";

/** The `typ` of access tokens (RFC 9068), so that no other token of the same issuer passes for one. */
export const accessTokenType = "at+jwt";
const skewSeconds = 5;
const rememberedTokens = 10_000;

export interface TokenVerifier {
  /** @throws Problem 401 INVALID_TOKEN or TOKEN_EXPIRED, 503 when the issuer's keys were never seen */
  verify(token: string): Promise<Principal>;
  /** What `verify` gave for this token before, while it is still valid: synchronous, for callers that cannot wait. */
  remembered(token: string): Principal | undefined;
}

/**
 * Checks access tokens against the issuer's public keys: signature, algorithm, issuer, audience, type, times.
 * Verified tokens are remembered until they end, so that a busy client costs one signature check.
 */
export function tokenVerifier(config: TokenConfig, keys: JWTVerifyGetKey, clock: Clock): TokenVerifier {
  const verified = new Map<string, Principal>();
  const remember = (token: string, principal: Principal) => {
    if (verified.size >= rememberedTokens) verified.delete(verified.keys().next().value ?? "");
    verified.set(token, principal);
    return principal;
  };
  const remembered = (token: string) => {
    const known = verified.get(token);
    if (known !== undefined && known.expiresAt > clock.now()) return known;
    verified.delete(token);
    return undefined;
  };
  return {
    remembered,
    async verify(token) {
      const known = remembered(token);
      if (known !== undefined) return known;
      try {
        const { payload } = await jwtVerify(token, keys, {
          issuer: config.issuer,
          audience: config.audience,
          algorithms: [...config.algorithms],
          typ: accessTokenType,
          clockTolerance: skewSeconds,
          currentDate: new Date(clock.now()),
          requiredClaims: ["sub", "exp", "iat"],
        });
        return remember(token, {
          userId: payload.sub ?? "",
          sessionId: typeof payload["sid"] === "string" ? payload["sid"] : undefined,
          roles: strings(payload["roles"]),
          authorities: new Set(authoritiesIn(payload["authorities"] ?? payload["scope"])),
          expiresAt: (payload.exp ?? 0) * 1000,
        });
      } catch (error) {
        throw refusal(error);
      }
    },
  };
}

const maxKeyAgeMs = 600_000;

/**
 * The issuer's keys, fetched when first needed and again every ten minutes or when a token names a key that is not
 * known. Keys that were seen stay good while the issuer does not answer.
 */
export function remoteKeys(
  url: string,
  onError: (error: unknown) => void,
): { keys: JWTVerifyGetKey; close: () => void } {
  const keys = createRemoteJWKSet(new URL(url), {
    cacheMaxAge: Infinity,
    cooldownDuration: 10_000,
    timeoutDuration: networkLimits.issuerKeys.answerMs,
  });
  const timer = setInterval(() => {
    if (keys.jwks() !== undefined) keys.reload().catch(onError);
  }, maxKeyAgeMs);
  timer.unref();
  return {
    keys,
    close: () => {
      clearInterval(timer);
    },
  };
}

const strings = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((item): item is string => typeof item === "string") : [];

/** Authorities as an array, or as the space-separated `scope` of OAuth2. */
function authoritiesIn(claim: unknown): readonly Authority[] {
  const named = typeof claim === "string" ? claim.split(" ") : strings(claim);
  return authorities.filter((authority) => named.includes(authority));
}

function refusal(error: unknown): Error {
  if (error instanceof errors.JWTExpired) return unauthorized("TOKEN_EXPIRED", "the access token has expired");
  const ofTheToken =
    error instanceof errors.JOSEError && !(error instanceof errors.JWKSTimeout) && error.code !== "ERR_JOSE_GENERIC";
  if (ofTheToken) return unauthorized("INVALID_TOKEN", "the access token is not valid here");
  return unavailable("ISSUER_UNAVAILABLE", "the keys to check the access token with could not be fetched", {
    retryAfterSeconds: 5,
    cause: error,
  });
}
