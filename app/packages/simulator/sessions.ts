import { createHash, createHmac, randomBytes, randomInt } from "node:crypto";

export interface SessionOptions {
  readonly now: () => Date;
  /** A session that makes no call for this long ends. @default 900000 */
  readonly idleMs?: number;
  /** A session ends this long after its login. @default 86400000 */
  readonly lifetimeMs?: number;
  readonly onSms: (customer: string, code: string) => void;
}

export interface SimulatedSession {
  readonly customer: string;
  readonly hash: string;
  readonly expiresAt: number;
  lastSeenAt: number;
}

/** Logins in two steps. The first password a customer uses is the one that is right from then on. */
export class Sessions {
  /** Digests of the customers' passwords. */
  readonly passwords = new Map<string, string>();
  /** Sessions by their hash. */
  readonly live = new Map<string, SimulatedSession>();
  private readonly pending = new Map<string, { customer: string; code: string }>();
  private readonly signingKey = randomBytes(32);

  constructor(readonly options: SessionOptions) {}

  /** @returns the token, or undefined when the password is wrong */
  start(customer: string, password: string): string | undefined {
    const digest = createHash("sha256").update(password).digest("hex");
    const known = this.passwords.get(customer) ?? digest;
    if (customer === "" || password === "" || known !== digest) return undefined;
    this.passwords.set(customer, digest);
    const token = randomBytes(16).toString("hex");
    const code = randomInt(100_000, 1_000_000).toString();
    this.pending.set(token, { customer, code });
    this.options.onSms(customer, code);
    return token;
  }

  /** Whose login a token belongs to. */
  pendingCustomer(token: string): string | undefined {
    return this.pending.get(token)?.customer;
  }

  /** @returns the hash, or undefined when token or code is wrong; a token serves once */
  confirm(token: string, code: string): string | undefined {
    const pending = this.pending.get(token);
    this.pending.delete(token);
    if (pending?.code !== code) return undefined;
    const now = this.options.now().getTime();
    const session = {
      customer: pending.customer,
      hash: this.jwt(pending.customer, now),
      expiresAt: now + (this.options.lifetimeMs ?? 86_400_000),
      lastSeenAt: now,
    };
    this.live.set(session.hash, session);
    return session.hash;
  }

  /** The live session of a hash; touching it keeps it alive. */
  touch(hash: string): SimulatedSession | undefined {
    const session = this.live.get(hash);
    const now = this.options.now().getTime();
    if (session === undefined) return undefined;
    if (now >= session.expiresAt || now - session.lastSeenAt > (this.options.idleMs ?? 900_000)) {
      this.live.delete(hash);
      return undefined;
    }
    session.lastSeenAt = now;
    return session;
  }

  /** Ends every session of a customer, or of all. */
  expire(customer?: string): void {
    for (const [hash, session] of this.live) {
      if (customer === undefined || session.customer === customer) this.live.delete(hash);
    }
  }

  /** The broker's hash is a JWT that only the broker reads. */
  private jwt(customer: string, now: number): string {
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const issued = Math.floor(now / 1000);
    const claims = {
      Authorization: "Authorized",
      CustomerNo: customer,
      UserId: randomBytes(8).toString("hex"),
      Denizbank: "True",
      nbf: issued,
      exp: issued + 86_400,
    };
    const unsigned = `${encode({ alg: "HS256", typ: "JWT" })}.${encode(claims)}`;
    return `${unsigned}.${createHmac("sha256", this.signingKey).update(unsigned).digest("base64url")}`;
  }
}
