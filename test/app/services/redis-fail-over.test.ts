import pino from "pino";
import { backoffMs } from "../../../app/packages/kit/backoff";
import { RedisCache } from "../../../app/packages/kit/cache/redis-cache";
import { systemClock } from "../../../app/packages/kit/clock";
import type { RedisConfig } from "../../../app/packages/kit/config/sections";
import { services } from "../../../app/packages/contract/services";
import { describeWhere } from "../../support/skip";
import { MovingName } from "../support/moving-name";
import { createTestDatabase } from "../support/postgres";
import { redisMissing, startReplicaOf, startTestRedis } from "../support/redis";
import type { TestRedis } from "../support/redis";
import { startTestService, testServiceConfig } from "../support/service";

// The real pauses, whose numbers a test looks at.
jest.mock("../../../app/packages/kit/backoff", () => {
  const { backoffMs: real } = jest.requireActual<{ backoffMs: typeof backoffMs }>("../../../app/packages/kit/backoff");
  return { backoffMs: jest.fn(real) };
});

const bucket = { rate: 1, windowMs: 3_600_000, capacity: 5 };

const large = { ...bucket, capacity: 1_000 };

describeWhere(redisMissing, "a Redis that fails over", () => {
  let open: RedisCache[] = [];
  let lines: string[] = [];
  const start = (config: RedisConfig, onChange?: (hears: boolean) => void) => {
    const log = pino({ level: "info" }, { write: (line) => lines.push(line) });
    const cache = new RedisCache(config, systemClock, log, onChange);
    open.push(cache);
    return cache;
  };
  /** Two processes of a service that both subscribe, as those of market-data do. */
  const startTwo = async (config: RedisConfig) => {
    const states: boolean[] = [];
    const [one, other] = [start(config, (hears) => states.push(hears)), start(config)];
    const heard: string[] = [];
    await one.subscribe("c", () => undefined);
    await other.subscribe("c", (message) => heard.push(message));
    await until("both hear", () => one.hears && other.hears);
    const arrives = (message: string) =>
      until(`the other hears ${message}`, async () => {
        await one.publish("c", message);
        return heard.includes(message);
      });
    return { one, other, states, arrives };
  };
  const logged = (text: string) => until(`${text} is logged`, () => lines.some((line) => line.includes(text)));
  const ofOneUser = ({ config }: TestRedis, name: MovingName) => ({ ...config, port: name.port });
  const sharedAt = async (server: TestRedis, one: RedisCache, key: string) => {
    await one.set(key, "v", 60_000);
    return (await server.admin("GET", `bist:${key}`)) === "v";
  };

  afterEach(async () => {
    for (const cache of open) await cache.close();
    [open, lines] = [[], []];
  });

  test("is followed to the new primary, while the old one lives on as its replica", async () => {
    const old = await startTestRedis();
    const replica = await startReplicaOf(old);
    const name = await MovingName.of(old.config.port);
    const { one, other, states, arrives } = await startTwo(ofOneUser(old, name));
    // Replication is asynchronous: a fail-over may lose what was written last.
    await until("the replica has a bucket with tokens taken", async () => {
      await one.take("b", large);
      return (await replica.admin("EXISTS", "bist:b")) === 1;
    });

    await replica.admin("REPLICAOF", "NO", "ONE");
    await old.admin("REPLICAOF", "127.0.0.1", replica.config.port);
    // The name moves some time after the roles have.
    await until("neither takes a replica for the cache", () => !one.shared && !other.shared);
    expect(one.hears || other.hears).toBe(false);
    expect(states.at(-1)).toBe(false);
    await expect(one.check()).rejects.toThrow();
    expect((await one.take("meanwhile", bucket)).remaining).toBe(4);

    name.moveTo(replica.config.port);
    await until("both are back", () => one.hears && other.hears);
    expect(states.at(-1)).toBe(true);
    await until("it says that it is ready", () =>
      one.check().then(
        () => true,
        () => false,
      ),
    );
    await until("what one writes is at the new primary", () => sharedAt(replica, one, "k"));
    await until("both take from the bucket of before", async () => {
      const [first, second] = [(await one.take("b", large)).remaining, (await other.take("b", large)).remaining];
      return first < large.capacity - 1 && second === first - 1;
    });
    await arrives("after the promotion");
    await logged("READONLY");
  });

  test("is left with growing pauses while its name leads to a replica", async () => {
    const primary = await startTestRedis();
    const replica = await startReplicaOf(primary);
    const name = await MovingName.of(replica.config.port);
    jest.mocked(backoffMs).mockClear();
    const cache = start(ofOneUser(replica, name));
    const failures = () => jest.mocked(backoffMs).mock.calls.map(([, failed]) => failed);
    // A proof that fails counts like a connection that does: otherwise each connection would begin at none.
    await until("it has tried six times", () => failures().includes(5));
    expect(cache.shared).toBe(false);
    name.moveTo(primary.config.port);
    await until("it is shared", () => cache.shared);
  });

  test("is followed when the old primary says nothing more, and lets go of it", async () => {
    const old = await startTestRedis();
    const replica = await startReplicaOf(old);
    const name = await MovingName.of(old.config.port);
    const { one, other, arrives } = await startTwo(ofOneUser(old, name));
    old.freeze();
    await replica.admin("REPLICAOF", "NO", "ONE");
    name.moveTo(replica.config.port);
    await until("both are at the new primary", async () => one.hears && other.hears && sharedAt(replica, one, "k"));
    await arrives("without the old primary");
    await one.close();
    await other.close();
    old.thaw();
    await until("the old primary has no client left", async () =>
      String(await old.admin("INFO", "clients")).includes("connected_clients:1\r"),
    );
  });

  test("is followed while the old primary still loads its data", async () => {
    const old = await startTestRedis("--rdbcompression", "no");
    for (let key = 0; key < 2_000; key += 1) await old.admin("SET", `k${key}`, "v".repeat(1_024));
    await old.admin("SAVE");
    const replica = await startReplicaOf(old);
    const name = await MovingName.of(old.config.port);
    const { one, other, arrives } = await startTwo(ofOneUser(old, name));
    await old.kill();
    // It needs minutes for all of them, and looks at commands after each.
    await old.restart("--key-load-delay", "100000", "--loading-process-events-interval-bytes", "1024");
    await logged("LOADING");
    expect(one.shared || other.shared).toBe(false);
    await replica.admin("REPLICAOF", "NO", "ONE");
    name.moveTo(replica.config.port);
    await until("both are at the new primary", () => one.hears && other.hears);
    await arrives("while the old primary loads");
  });

  test("is listened to again by a subscriber that was left behind at the old primary", async () => {
    const old = await startTestRedis();
    const replica = await startReplicaOf(old);
    const name = await MovingName.of(old.config.port);
    const { one, other, arrives } = await startTwo(ofOneUser(old, name));
    // The old primary is cut off from the new one, and keeps those who listen to it.
    await replica.admin("REPLICAOF", "NO", "ONE");
    name.moveTo(replica.config.port);
    await old.admin("CLIENT", "KILL", "TYPE", "normal");
    await until("both write to the new primary", async () => {
      await one.set("k", "v", 60_000);
      return (await replica.admin("GET", "bist:k")) === "v";
    });
    await arrives("at the new primary");
    await until("both hear", () => one.hears && other.hears);
  });

  test("takes no writes while its memory is full, and says so", async () => {
    const redis = await startTestRedis("--maxmemory-policy", "noeviction");
    const { one, other, states, arrives } = await startTwo(redis.config);
    await redis.admin("CONFIG", "SET", "maxmemory", 1);
    await until("neither takes it for the cache", () => !one.shared && !other.shared);
    expect(states.at(-1)).toBe(false);
    await one.set("k", "mine", 60_000);
    expect([await one.get("k"), await other.get("k")]).toEqual(["mine", undefined]);
    await logged("OOM");
    await redis.admin("CONFIG", "SET", "maxmemory", 0);
    await until("both are back", () => one.hears && other.hears);
    await arrives("with room again");
  });

  test("says which of its connections it has while Redis takes no more clients", async () => {
    const redis = await startTestRedis();
    const clients = async () =>
      Number(/connected_clients:(\d+)/.exec(String(await redis.admin("INFO", "clients")))?.[1]);
    await redis.admin("CONFIG", "SET", "maxclients", (await clients()) + 1);
    const cache = start(redis.config);
    await until("it writes", () => cache.shared);
    const heard: string[] = [];
    await cache.subscribe("c", (message) => heard.push(message));
    expect([cache.shared, cache.hears]).toEqual([true, false]);
    const late = start(redis.config);
    await until("the reason is logged", () => lines.some((line) => /max number of clients|maxclients/.test(line)));
    expect(late.shared).toBe(false);
    expect((await late.take("b", bucket)).allowed).toBe(true);
    await redis.admin("CONFIG", "SET", "maxclients", 1_000);
    await until("all is there", () => cache.hears && late.hears);
    await late.publish("c", "welcome");
    await until("it arrives", () => heard.includes("welcome"));
  });

  test("names the variables of a password that is none any more, and takes the right one again", async () => {
    const redis = await startTestRedis();
    const { username = "", password = "" } = redis.config;
    const { one, other, states } = await startTwo(redis.config);
    await redis.admin("ACL", "SETUSER", username, "resetpass", ">another");
    await redis.admin("CLIENT", "KILL", "USER", username);
    await until("both are out", () => !one.shared && !other.shared);
    await logged("WRONGPASS");
    await logged("check REDIS_USERNAME and REDIS_PASSWORD");
    expect(states.at(-1)).toBe(false);
    expect(lines.join()).not.toContain(password);
    await redis.admin("ACL", "SETUSER", username, "resetpass", `>${password}`);
    await until("both are in", () => one.hears && other.hears);
  });

  test("is sent nothing of what was written and published while it hung", async () => {
    const redis = await startTestRedis();
    const { one } = await startTwo(redis.config);
    redis.freeze();
    await until("it is left", () => !one.shared);
    const message = "m".repeat(1_024);
    // Each is answered without a wait, as nothing is kept for later.
    for (let burst = 0; burst < 20; burst += 1)
      await Promise.all(
        Array.from({ length: 1_000 }, (_, n) => [one.publish("c", message), one.take(`b${n}`, bucket)]).flat(),
      );
    redis.thaw();
    await until("it is back", () => one.hears);
    const statistics = String(await redis.admin("INFO", "commandstats"));
    expect(statistics).toContain("cmdstat_publish:calls=");
    expect(Number(/cmdstat_publish:calls=(\d+)/.exec(statistics)?.[1])).toBeLessThan(1_000);
    expect(statistics).not.toContain("cmdstat_psetex");
  });

  test("is away for a service whose Redis only reads, which is ready without it", async () => {
    const replica = await startReplicaOf(await startTestRedis());
    const database = await createTestDatabase();
    const config = { ...testServiceConfig(database), cache: replica.config };
    const service = await startTestService(services.userManagement, config, () => undefined);
    const state = async () => ({
      readiness: (await service.call("GET", "/actuator/health/readiness")).body,
      metric: /^cache_up\{.*\} (\d)$/m.exec((await service.call("GET", "/actuator/prometheus")).text)?.[1],
    });
    const components = (status: string) => ({
      status: "UP",
      components: { database: { status: "UP", required: true }, redis: { status, required: false } },
    });
    await until("the service has met the replica", () =>
      service.logged.some(({ error }) => String(error).startsWith("READONLY")),
    );
    expect(await state()).toEqual({ readiness: components("DOWN"), metric: "0" });
    await replica.admin("REPLICAOF", "NO", "ONE");
    await until("it takes writes", () => service.kit.cache.shared);
    expect(await state()).toEqual({ readiness: components("UP"), metric: "1" });
    await service.stop();
    await database.drop();
  });
});

async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 60_000; !(await condition());) {
    if (Date.now() > end) throw new Error(`waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
