import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { createServer as createTlsServer, getCACertificates, setDefaultCACertificates } from "node:tls";
import type WebSocket from "ws";
import { AlgolabLogin, AlgolabSession } from "../../../../app/packages/algolab/client";
import { AlgolabError } from "../../../../app/packages/algolab/errors";
import { ForwardProxy } from "../../../../app/packages/algolab/forward-proxy";
import { openSocket } from "../../../../app/packages/algolab/socket";
import { freePort } from "../../../../app/packages/embedded/free-port";
import type { Simulator } from "../../../../app/packages/simulator/simulator";
import { testApiKey } from "../../../../app/packages/simulator/test-key";
import { CertificateAuthority } from "../../../../local/kubernetes/certificates";
import { eventually, startTestSimulator } from "../../support/broker";
import { describeWhere } from "../../../support/skip";
import { closeAfterTests } from "../../support/left-over";
import { refuseWith, startTestProxy } from "../../support/proxy";
import type { TestProxy, TestProxyOptions } from "../../support/proxy";

/** A name that nobody can resolve: only whoever leads a tunnel elsewhere reaches the broker by it. */
const brokerHost = "broker.invalid";
const customer = "10000000146";
const credentials = "trader:pa:ss wörd";
const order = { symbol: "GARAN", side: "BUY", limitPrice: undefined, quantity: "1", subAccount: "" } as const;

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startTestSimulator();
});
beforeEach(() => {
  simulator.faults.clear();
});

const simulatorPort = () => Number(new URL(simulator.url).port);

/** A way to the broker through a proxy that the test starts. */
async function through(
  options: Partial<TestProxyOptions> = {},
  { baseUrl = `http://${brokerHost}`, timeoutMs = 2_000, ...own }: Partial<Connection> = {},
): Promise<{ readonly proxy: TestProxy; readonly connection: Connection }> {
  const proxy = await startTestProxy({ leadsTo: simulatorPort(), ...options });
  const way = new ForwardProxy({ url: proxy.url, credentials: options.credentials });
  return { proxy, connection: { baseUrl, apiKey: testApiKey, timeoutMs, proxy: way, ...own } };
}
interface Connection {
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly timeoutMs: number;
  readonly proxy: ForwardProxy;
}

async function logIn(connection: Connection): Promise<string> {
  const login = new AlgolabLogin(connection);
  const token = await login.start(customer, "a password");
  return login.confirm(token, simulator.smsCode(customer) ?? "");
}

/** A session's hash that the simulator knows, without the way under test. */
const anyHash = () => logIn({ baseUrl: simulator.url, apiKey: testApiKey, timeoutMs: 2_000 } as Connection);

async function failureOf(call: Promise<unknown>): Promise<AlgolabError> {
  const error: unknown = await call.then(
    () => undefined,
    (failed: unknown) => failed,
  );
  if (error instanceof AlgolabError) return error;
  throw new Error(`expected a failed call, came ${String(error)}`);
}

/** The whole text that a log could ever show of an error. */
function everythingOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return `${error.stack ?? ""} ${JSON.stringify(error)} ${error.cause === undefined ? "" : everythingOf(error.cause)}`;
}

const opened = (socket: WebSocket) =>
  new Promise<void>((resolve, reject) => {
    socket.once("open", resolve).once("error", reject);
  });

describe("a broker behind a forward proxy", () => {
  test("is called through tunnels alone, and its socket comes through one", async () => {
    const { proxy, connection } = await through({ credentials });
    const hash = await logIn(connection);
    const session = new AlgolabSession(connection, hash);
    expect(await session.sendOrder(order)).toMatch(/^\w+$/);

    const socket = openSocket({ ...connection, hash });
    await opened(socket);
    const ticks = new Promise<string>((resolve) =>
      socket.once("message", (data: Buffer) => {
        resolve(String(data));
      }),
    );
    socket.send(JSON.stringify({ Type: "T", Token: hash, Symbols: ["ALL"] }));
    const advancing = setInterval(() => {
      simulator.advance();
    }, 5);
    expect(await ticks).toContain('"Type":"T"');
    clearInterval(advancing);
    socket.terminate();

    expect(new Set(proxy.asked)).toEqual(new Set([`${brokerHost}:80`]));
    expect(proxy.others).toEqual([]);
  });

  test("proves itself by its own certificate, at the end of the tunnel", async () => {
    const { port, authority } = await startTlsBroker();
    const { proxy, connection } = await through({ leadsTo: port }, { baseUrl: `https://${brokerHost}` });
    const untrusted = await failureOf(logIn(connection));
    expect(untrusted).toMatchObject({ failure: "NOT_SENT" });

    const known = getCACertificates();
    setDefaultCACertificates([...known, authority]);
    try {
      const trusting = { ...connection, proxy: new ForwardProxy({ url: proxy.url }) };
      const hash = await logIn(trusting);
      await new AlgolabSession(trusting, hash).refresh();
      const socket = openSocket({ ...trusting, hash });
      await opened(socket);
      socket.terminate();
      const elsewhere = { ...trusting, baseUrl: "https://another.invalid" };
      expect(await failureOf(logIn(elsewhere))).toMatchObject({ failure: "NOT_SENT" });
    } finally {
      setDefaultCACertificates(known);
    }
    expect(proxy.asked).toContain(`${brokerHost}:443`);
  });

  test.each(["localhost", "127.0.0.1"])("is reached through a proxy that speaks TLS itself, %s", async (host) => {
    const { authority, key, cert } = await certificateFor(host);
    const known = getCACertificates();
    setDefaultCACertificates([...known, authority]);
    try {
      const { proxy, connection } = await through({ tls: { key, cert } });
      const url = new URL(`https://${host}:${proxy.url.port}`);
      const hash = await logIn({ ...connection, proxy: new ForwardProxy({ url }) });
      expect(hash).not.toBe("");
    } finally {
      setDefaultCACertificates(known);
    }
  });
});

describe("a call that the proxy does not let through was not sent", () => {
  /** What a proxy does in place of opening a tunnel. 401, 429 and 500 mean something else when the broker answers them. */
  const instead: Readonly<Record<string, (client: Duplex) => void>> = {
    ...Object.fromEntries([400, 401, 403, 407, 429, 500, 502, 503, 504].map((code) => [code, refuseWith(code)])),
    "a redirect": refuseWith(302),
    "no answer and the end": (client) => client.destroy(),
    "half an answer and the end": (client) => client.end("HTTP/1.1 2"),
    "another protocol": (client) => client.end("SSH-2.0-OpenSSH_9.9\r\n"),
    silence: () => undefined,
  };

  test.each(Object.keys(instead))("%s", async (what) => {
    const { proxy, connection } = await through({ instead: instead[what] }, { timeoutMs: 300 });
    const error = await failureOf(new AlgolabSession(connection, "hash").sendOrder(order));
    expect(error).toMatchObject({ failure: "NOT_SENT", endpoint: "SendOrder" });
    expect(proxy.asked.length).toBeGreaterThan(0);
  });

  test("nobody listens", async () => {
    const url = new URL(`http://127.0.0.1:${await freePort()}`);
    const { connection } = await through({}, { proxy: new ForwardProxy({ url }) });
    const error = await failureOf(new AlgolabSession(connection, "hash").sendOrder(order));
    expect(error).toMatchObject({ failure: "NOT_SENT", message: expect.stringContaining(url.host) as string });
  });

  test("the broker is away behind it", async () => {
    const { proxy, connection } = await through({ leadsTo: await freePort() });
    const error = await failureOf(new AlgolabSession(connection, "hash").sendOrder(order));
    expect(error).toMatchObject({ failure: "NOT_SENT" });
    expect(proxy.asked).toContain(`${brokerHost}:80`);
  });

  test("the tunnel is cut before the broker has proved itself", async () => {
    const cutAtOnce = (client: Duplex) => client.end("HTTP/1.1 200 Connection established\r\n\r\n");
    const { connection } = await through({ instead: cutAtOnce }, { baseUrl: `https://${brokerHost}` });
    const error = await failureOf(new AlgolabSession(connection, "hash").sendOrder(order));
    expect(error).toMatchObject({ failure: "NOT_SENT" });
  });

  test("wrong credentials, which no message repeats", async () => {
    const { proxy, connection } = await through({ credentials: "trader:other" });
    const way = new ForwardProxy({ url: proxy.url, credentials });
    const error = await failureOf(new AlgolabSession({ ...connection, proxy: way }, "hash").sendOrder(order));
    expect(error).toMatchObject({ failure: "NOT_SENT", message: expect.stringMatching(/the proxy .* 407/) as string });
    const encoded = Buffer.from(credentials).toString("base64");
    for (const secret of ["pa:ss", encoded]) expect(everythingOf(error)).not.toContain(secret);
  });

  test("a tunnel that stands after the call was given up carries no request", async () => {
    const calls: string[] = [];
    const broker = await startTestSimulator({ onCall: (endpoint) => calls.push(endpoint) });
    let open: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (open = resolve));
    const leadsTo = Number(new URL(broker.url).port);
    const { proxy, connection } = await through({ leadsTo, before: () => held }, { timeoutMs: 200 });
    const error = await failureOf(new AlgolabLogin(connection).start(customer, "a password"));
    expect(error).toMatchObject({ failure: "NOT_SENT" });
    open();
    // The next call of the same way arrives, and arrives alone.
    const patient = new AlgolabLogin({ ...connection, timeoutMs: 5_000 });
    await patient.start(customer, "a password");
    expect(calls).toEqual(["LoginUser"]);
    expect(proxy.asked.length).toBeGreaterThan(0);
  });
});

describe("a call whose tunnel is cut once it stood was perhaps carried out", () => {
  test("cut by the proxy before the answer", async () => {
    const hash = await anyHash();
    const { proxy, connection } = await through({}, { timeoutMs: 20_000 });
    simulator.faults.add({ at: "SendOrder", kind: "silence", times: 1 });
    const call = failureOf(new AlgolabSession(connection, hash).sendOrder(order));
    await eventually(
      () => simulator.faults.rules.length,
      (left) => left === 0,
    );
    proxy.cut();
    expect(await call).toMatchObject({ failure: "UNOBSERVED" });
  });

  test.each(["drop-after-accepting", "silence"] as const)("%s of the broker", async (kind) => {
    const hash = await anyHash();
    const { connection } = await through({}, { timeoutMs: 500 });
    simulator.faults.add({ at: "SendOrder", kind });
    const error = await failureOf(new AlgolabSession(connection, hash).sendOrder(order));
    expect(error).toMatchObject({ failure: "UNOBSERVED" });
  });
});

describe("the socket behind a proxy", () => {
  const closed = (socket: WebSocket) =>
    new Promise<string>((resolve) => {
      let message = "";
      socket
        .on("error", (error) => (message = error.message))
        .once("close", () => {
          resolve(message);
        });
    });

  test("that refuses is closed with the proxy's answer in its error", async () => {
    const { connection } = await through({ instead: refuseWith(407), credentials });
    const message = await closed(openSocket({ ...connection, hash: "hash" }));
    expect(message).toMatch(/the proxy 127\.0\.0\.1:\d+ opened no tunnel, it answered 407/);
  });

  test("that cuts the tunnel is closed", async () => {
    const hash = await anyHash();
    const { proxy, connection } = await through();
    const socket = openSocket({ ...connection, hash });
    const end = closed(socket);
    await opened(socket);
    proxy.cut();
    await end;
    expect(proxy.open).toBe(0);
  });

  test("that is given up while its tunnel is opened leaves none behind", async () => {
    const hash = await anyHash();
    let open: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (open = resolve));
    const { proxy, connection } = await through({ before: () => held });
    const before = simulator.socketConnections;
    const socket = openSocket({ ...connection, hash });
    const end = closed(socket);
    await eventually(
      () => proxy.asked.length,
      (asked) => asked === 1,
    );
    socket.terminate();
    await end;
    open();
    await eventually(
      () => ({ opened: proxy.opened, open: proxy.open }),
      ({ opened: count, open: left }) => count === 1 && left === 0,
    );
    expect(simulator.socketConnections).toBe(before);
  });
});

const tinyproxyMissing = spawnSync("tinyproxy", ["-v"]).status === 0 ? undefined : "tinyproxy is not installed";

describeWhere(tinyproxyMissing, "a proxy that others wrote, tinyproxy,", () => {
  /** One that opens tunnels to one port of this machine, for whoever knows the credentials. */
  async function startTinyproxy(tunnelPort: number): Promise<URL> {
    const port = await freePort();
    const folder = mkdtempSync(join(tmpdir(), "bist-tinyproxy-"));
    const file = join(folder, "tinyproxy.conf");
    const settings = [`Port ${port}`, "Listen 127.0.0.1", "BasicAuth trader secret", `ConnectPort ${tunnelPort}`];
    writeFileSync(file, `${settings.join("\n")}\n`);
    const proxy = spawn("tinyproxy", ["-d", "-c", file], { stdio: "ignore" });
    const ended = new Promise((resolve) => proxy.once("close", resolve));
    closeAfterTests(async () => {
      proxy.kill();
      await ended;
      rmSync(folder, { recursive: true });
    });
    const url = new URL(`http://127.0.0.1:${port}`);
    await eventually(
      () => listens(port),
      (up) => up,
    );
    return url;
  }

  test("leads calls and socket to the broker", async () => {
    const url = await startTinyproxy(simulatorPort());
    const proxy = new ForwardProxy({ url, credentials: "trader:secret" });
    const connection = { baseUrl: simulator.url, apiKey: testApiKey, timeoutMs: 5_000, proxy };
    const hash = await logIn(connection);
    expect(await new AlgolabSession(connection, hash).sendOrder(order)).toMatch(/^\w+$/);
    const socket = openSocket({ ...connection, hash });
    await opened(socket);
    socket.terminate();
  });

  test("refuses whoever is not known, and a port that is not the broker's, before anything is sent", async () => {
    const url = await startTinyproxy(await freePort());
    for (const [way, status] of [
      [new ForwardProxy({ url, credentials: "trader:other" }), 401],
      [new ForwardProxy({ url }), 407],
      [new ForwardProxy({ url, credentials: "trader:secret" }), 403],
    ] as const) {
      const connection = { baseUrl: simulator.url, apiKey: testApiKey, timeoutMs: 5_000, proxy: way };
      const error = await failureOf(new AlgolabSession(connection, "hash").sendOrder(order));
      expect(error).toMatchObject({ failure: "NOT_SENT", message: expect.stringContaining(`${status}`) as string });
    }
  });
});

const listens = (port: number) =>
  new Promise<boolean>((resolve) => {
    const probe = connect(port, "127.0.0.1", () => {
      probe.destroy();
      resolve(true);
    }).once("error", () => {
      resolve(false);
    });
  });

/** A certificate of an authority that nobody knows yet, PEM. */
async function certificateFor(host: string): Promise<{ authority: string; key: string; cert: string }> {
  const folder = mkdtempSync(join(tmpdir(), "bist-proxy-"));
  try {
    const authority = await CertificateAuthority.in(folder);
    const files = await authority.issue("server", { commonName: host, hosts: [host] });
    return {
      authority: readFileSync(authority.certificate, "utf8"),
      key: readFileSync(files.key, "utf8"),
      cert: readFileSync(files.certificate, "utf8"),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The simulator behind TLS, as the broker is. */
async function startTlsBroker(): Promise<{ readonly port: number; readonly authority: string }> {
  const { authority, key, cert } = await certificateFor(brokerHost);
  const server = createTlsServer({ key, cert }, (client) => {
    const inside = connect(simulatorPort(), "127.0.0.1");
    inside.on("error", () => client.destroy());
    client.on("error", () => inside.destroy());
    client.pipe(inside).pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closeAfterTests(() => new Promise((resolve) => server.close(resolve)));
  return { port: (server.address() as AddressInfo).port, authority };
}
