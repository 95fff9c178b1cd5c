/**
 * How long each client of the network waits before it takes the other side for gone, in milliseconds: a host that vanishes
 * closes no connection, and the kernel gives one up after a quarter of an hour at the earliest. Where a variable sets a
 * limit, it stands beside its `@default` in `kit/config`. `docs/dependencies-away.md` shows them all.
 */
export const networkLimits = {
  database: {
    /** A connection that is not made by then has failed; `DB_CONNECT_TIMEOUT_MS` is the time in the pool's queue with it. */
    connectMs: 5_000,
    /** Beyond the server's own limit of a statement: one that outlasts both is lost, and its connection with it. */
    answerMarginMs: 2_000,
    /** For readiness. */
    pingMs: 2_000,
    /** A connection that says goodbye to nobody is closed. */
    goodbyeMs: 2_000,
    /** Quiet time before a connection is probed; Node then probes each second, and gives up after ten. */
    keepAliveDelayMs: 2_000,
    /** A listening connection is asked for a sign of life this often, and has as long for it. */
    listenerPingMs: 3_000,
    /** Statements of commands have no limit: from then on another connection looks whether the server works on it. */
    longStatementLookMs: 5_000,
  },
  /** Each of the three attempts of a call of the AWS SDK, as its `requestHandler` takes them: the second is time without any byte. */
  aws: { connectionTimeout: 5_000, socketTimeout: 30_000 },
  /** A dump's address: until its headers, and between two pieces. */
  dumpDownload: { answerMs: 60_000 },
  /** A request with its answer. */
  kubernetes: { answerMs: 15_000 },
  github: { answerMs: 30_000 },
  /** The platform's own services, as `ops` asks them. */
  services: { answerMs: 10_000 },
  /** The issuer's public keys. */
  issuerKeys: { answerMs: 5_000 },
  broker: {
    /** `ALGOLAB_REQUEST_TIMEOUT_MS` unless set: a whole call with its answer. */
    answerMs: 15_000,
    /** Until a proxy has opened a tunnel. */
    proxyMs: 10_000,
    /** The socket's handshake. */
    handshakeMs: 10_000,
    /** An order socket that brings nothing, not even answers to heartbeats and pings, is dead. */
    socketSilenceMs: 25_000,
  },
} as const;
