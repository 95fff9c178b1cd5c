/** An answer that is an error: RFC 9457 problem details, as the services send them. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
  ) {
    super(detail);
  }
}

interface Tokens {
  readonly accessToken: string;
  readonly accessExpiresAt: string;
  readonly refreshToken: string;
}

export interface Call {
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

const userPath = "/user/api/v1/auth";
/** An access token is exchanged this long before its end. */
const marginMs = 60_000;
/** After a failure; a token that was exchanged without its answer arriving is taken again for ten seconds. */
const retryMs = 5_000;

/** The services behind this page's own origin, and the tokens for them, which are nowhere but in memory. */
export class Api {
  private tokens: Tokens | undefined;
  private refreshing: Promise<void> | undefined;
  private timer: number | undefined;
  /** Counts those who signed out. */
  private left = 0;

  /** @param onSignedOut called when the session has ended and nothing here can renew it */
  constructor(
    private readonly onSignedOut: () => void,
    private readonly onNewToken: (token: string) => void,
  ) {}

  /** The access token of now. @throws when no user is signed in */
  get token(): string {
    if (this.tokens === undefined) throw new Error("no user is signed in");
    return this.tokens.accessToken;
  }

  async register(person: object): Promise<void> {
    await this.send("POST", `${userPath}/register`, { body: person });
  }

  async signIn(email: string, password: string): Promise<void> {
    this.keep(await this.send<Tokens>("POST", `${userPath}/login`, { body: { email, password } }));
  }

  async signOut(): Promise<void> {
    await this.call("POST", `${userPath}/logout`).catch(() => undefined);
    this.forget();
  }

  /** Calls a service as the one who is signed in. What comes after that one has left is given to nobody. @throws Problem */
  async call<T>(method: string, path: string, call: Call = {}): Promise<T> {
    const { left } = this;
    try {
      const answer = await this.callNow<T>(method, path, call);
      if (left === this.left) return answer;
    } catch (error) {
      if (left === this.left) throw error;
    }
    return new Promise<never>(() => undefined);
  }

  private async callNow<T>(method: string, path: string, call: Call): Promise<T> {
    const { left } = this;
    try {
      return await this.send<T>(method, path, call, this.token);
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 401 || error.code === "BROKER_REFUSED_LOGIN") throw error;
      // The token of who signed in since is not for this call: an order would be placed for another.
      if (left !== this.left) throw error;
      await this.refresh();
      if (left !== this.left) throw error;
      return this.send<T>(method, path, call, this.token);
    }
  }

  /** A refresh token works once: all requests that need a new token wait for the same exchange. */
  private async refresh(): Promise<void> {
    if (this.refreshing === undefined) {
      const exchange = this.exchange().finally(() => {
        if (this.refreshing === exchange) this.refreshing = undefined;
      });
      this.refreshing = exchange;
    }
    return this.refreshing;
  }

  private async exchange(): Promise<void> {
    const refreshToken = this.tokens?.refreshToken;
    const { left } = this;
    try {
      const tokens = await this.send<Tokens>("POST", `${userPath}/refresh`, { body: { refreshToken } });
      if (left === this.left) this.keep(tokens);
    } catch (error) {
      if (left === this.left && error instanceof Problem && error.status === 401) {
        this.forget();
        this.onSignedOut();
      }
      throw error;
    }
  }

  private keep(tokens: Tokens): void {
    this.tokens = tokens;
    const inMs = Date.parse(tokens.accessExpiresAt) - Date.now() - marginMs;
    this.renewIn(Math.max(inMs, 1_000));
    this.onNewToken(tokens.accessToken);
  }

  private renewIn(ms: number): void {
    const { left } = this;
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => {
      // Streams end with the token, and call nothing that would renew it.
      this.refresh().catch(() => {
        if (left === this.left) this.renewIn(retryMs);
      });
    }, ms);
  }

  private forget(): void {
    this.tokens = undefined;
    this.refreshing = undefined;
    this.left += 1;
    clearTimeout(this.timer);
  }

  private async send<T>(method: string, path: string, { body, headers }: Call, token?: string): Promise<T> {
    const response = await fetch(path, {
      method,
      headers: {
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    const answer: unknown = text === "" ? undefined : JSON.parse(text);
    if (response.ok) return answer as T;
    const { code = "UNKNOWN", detail } = (answer ?? {}) as { code?: string; detail?: string };
    throw new Problem(response.status, code, detail ?? `${method} ${path} was answered ${response.status}`);
  }
}
