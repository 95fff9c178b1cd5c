import pino from "pino";
import { freePort } from "../../../app/packages/embedded/free-port";
import { RedisCache } from "../../../app/packages/kit/cache/redis-cache";
import { systemClock } from "../../../app/packages/kit/clock";
import { readConfig } from "../../../app/packages/kit/config/read";
import { cacheSection } from "../../../app/packages/kit/config/sections";
import { describeWhere } from "../../support/skip";
import { opensslMissing, PrivateAuthority } from "../support/private-authority";
import { redisMissing, startTestRedis } from "../support/redis";

describeWhere(redisMissing ?? opensslMissing, "Redis by TLS", () => {
  const authority = new PrivateAuthority();
  const other = new PrivateAuthority();
  let open: RedisCache[] = [];
  let lines: string[] = [];
  let variables: Readonly<Record<string, string>>;

  beforeAll(async () => {
    const { certificateFile, keyFile } = authority.issue("DNS:localhost", "DNS:redis.internal");
    const port = String(await freePort());
    const files = ["--tls-cert-file", certificateFile, "--tls-key-file", keyFile];
    const server = await startTestRedis("--tls-port", port, ...files, "--tls-auth-clients", "no");
    const { username = "", password = "" } = server.config;
    variables = {
      REDIS_HOST: "localhost",
      REDIS_PORT: port,
      REDIS_USERNAME: username,
      REDIS_PASSWORD: password,
      REDIS_TIMEOUT_MS: "1000",
    };
  });
  afterEach(async () => {
    for (const cache of open) await cache.close();
    [open, lines] = [[], []];
  });

  const start = (more: Readonly<Record<string, string>>) => {
    const { cache: config } = readConfig({ cache: cacheSection }, { ...variables, ...more });
    if (config === undefined) throw new Error("REDIS_HOST is set");
    const cache = new RedisCache(config, systemClock, pino({}, { write: (line) => lines.push(line) }));
    open.push(cache);
    return cache;
  };
  const refused = async (cache: RedisCache, ...texts: readonly string[]) => {
    await until(() => lines.length > 0);
    expect(cache.shared).toBe(false);
    for (const text of texts) expect(lines.join()).toContain(text);
  };

  test("is used where the authority that signed its certificate is given, in a variable or a file", async () => {
    const given = start({ REDIS_TLS_AUTHORITIES: authority.certificate });
    const inAFile = start({ REDIS_TLS_AUTHORITIES_FILE: authority.certificateFile });
    const heard: string[] = [];
    await inAFile.subscribe("c", (message) => heard.push(message));
    await until(() => given.hears && inAFile.hears);
    await given.publish("c", "encrypted");
    await until(() => heard.length > 0);
  });

  test("is refused where its authority is none of those that are trusted", async () => {
    await refused(start({}), "REDIS_TLS_AUTHORITIES lacks the authority");
    lines = [];
    await refused(start({ REDIS_TLS_AUTHORITIES: other.certificate }), "REDIS_TLS_AUTHORITIES lacks the authority");
  });

  test("is refused under a name that its certificate lacks", async () => {
    const cache = start({ REDIS_HOST: "127.0.0.1", REDIS_TLS_AUTHORITIES: authority.certificate });
    await refused(cache, "REDIS_HOST is none of the names");
  });

  test("trusts several authorities, as while one is replaced", async () => {
    const both = `${other.certificate}${authority.certificate}`;
    const cache = start({ REDIS_TLS_AUTHORITIES: both });
    await until(() => cache.shared);
  });
});

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10));
}
