import { unauthorized } from "../http/problem";
import type { Principal } from "./principal";
import type { Revocations } from "./revocations";
import type { TokenVerifier } from "./verifier";

/** Says whom an access token speaks for, now: a valid token of a session that has not ended. */
export class TokenAuthority {
  constructor(
    private readonly verifier: TokenVerifier,
    private readonly revocations: Revocations,
  ) {}

  /** @throws Problem 401 INVALID_TOKEN, TOKEN_EXPIRED or SESSION_ENDED, 503 ISSUER_UNAVAILABLE */
  async principalOf(token: string): Promise<Principal> {
    const principal = await this.verifier.verify(token);
    if (this.ended(principal)) throw unauthorized("SESSION_ENDED", "the session of this access token has ended");
    return principal;
  }

  /** As `principalOf`, at once, for a token that was verified before; undefined where that has to be asked. */
  remembered(token: string): Principal | undefined {
    const principal = this.verifier.remembered(token);
    return principal === undefined || this.ended(principal) ? undefined : principal;
  }

  /** True once the principal's session has ended; WebSockets ask from time to time. */
  ended({ sessionId }: Principal): boolean {
    return sessionId !== undefined && this.revocations.has(sessionId);
  }
}
