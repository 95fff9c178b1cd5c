import { Redis } from "ioredis";
import pino from "pino";
import { RedisCache } from "../../../app/packages/kit/cache/redis-cache";
import { services } from "../../../app/packages/contract/services";
import { createTestDatabase } from "../support/postgres";
import { systemClock } from "../../../app/packages/kit/clock";
import { describeWhere } from "../../support/skip";
import { redisMissing, startTestRedis } from "../support/redis";
import type { TestRedis } from "../support/redis";
import { startTestService, testServiceConfig } from "../support/service";

const log = pino({ level: "silent" });
const bucket = { rate: 1, windowMs: 60_000, capacity: 5 };

describeWhere(redisMissing, "the cache that replicas share", () => {
  let redis: TestRedis;
  const open: RedisCache[] = [];
  const replica = async () => {
    const cache = new RedisCache(redis.config, systemClock, log);
    open.push(cache);
    await until(() => cache.shared);
    return cache;
  };

  beforeEach(async () => {
    redis = await startTestRedis();
  });
  afterEach(async () => {
    for (const cache of open.splice(0)) await cache.close();
    redis.thaw();
    await redis.kill();
  });

  test("shows one replica what another wrote", async () => {
    const [one, other] = [await replica(), await replica()];
    await one.set("k", "v", 60_000);
    expect(await other.get("k")).toBe("v");
    await other.delete("k");
    expect(await one.get("k")).toBeUndefined();
    expect([await one.increment("n", 60_000), await other.increment("n", 60_000)]).toEqual([1, 2]);
  });

  test("gives the tokens of a bucket once, whoever asks", async () => {
    const [one, other] = [await replica(), await replica()];
    const taken = await Promise.all(
      Array.from({ length: 6 }, () => [one.take("b", bucket), other.take("b", bucket)]).flat(),
    );
    expect(taken.filter(({ allowed }) => allowed)).toHaveLength(5);
    const refused = taken.find(({ allowed }) => !allowed);
    expect(refused).toMatchObject({ remaining: 0, allowed: false });
    expect(refused?.retryMs).toBeGreaterThan(50_000);
  });

  test("takes tokens of a bucket back, up to its capacity", async () => {
    const [one, other] = [await replica(), await replica()];
    const take = async () => (await one.take("b", bucket)).allowed;
    for (let taken = 0; taken < 5; taken += 1) expect(await take()).toBe(true);
    expect(await take()).toBe(false);
    await other.giveBack("b", bucket);
    expect([await take(), await take()]).toEqual([true, false]);
    for (let more = 0; more < 7; more += 1) await other.giveBack("b", bucket);
    for (let taken = 0; taken < 5; taken += 1) expect(await take()).toBe(true);
    expect(await take()).toBe(false);
  });

  test("tells once of each kind of error that Redis answers with, and goes on by itself", async () => {
    const told: string[] = [];
    const cache = new RedisCache(
      redis.config,
      systemClock,
      pino({ level: "error" }, { write: (line) => told.push(line) }),
    );
    open.push(cache);
    await until(() => cache.shared);
    const raw = new Redis({ port: redis.config.port, keyPrefix: "bist:" });
    await raw.lpush("k", "a list");
    await raw.quit();
    expect([await cache.get("k"), await cache.increment("k", 60_000)]).toEqual([undefined, 1]);
    expect((await cache.take("k", bucket)).allowed).toBe(true);
    expect(told).toHaveLength(1);
    expect(told[0]).toContain("WRONGTYPE");
  });

  test("carries messages between replicas", async () => {
    const [one, other] = [await replica(), await replica()];
    const heard: string[] = [];
    const leave = await other.subscribe("c", (message) => heard.push(message));
    await one.publish("c", "one");
    await until(() => heard.length > 0);
    await leave();
    await one.publish("c", "two");
    expect(heard).toEqual(["one"]);
  });

  test("falls back to its own memory when Redis dies, and comes back with it, subscriptions too", async () => {
    const [one, other] = [await replica(), await replica()];
    const heard: string[] = [];
    await other.subscribe("c", (message) => heard.push(message));
    await redis.kill();
    await until(() => !one.shared && !other.shared);
    await one.set("k", "mine", 60_000);
    expect(await one.get("k")).toBe("mine");
    expect(await other.get("k")).toBeUndefined();
    expect((await one.take("b", bucket)).allowed).toBe(true);
    await redis.restart();
    await until(() => one.shared && other.shared);
    await until(async () => {
      await one.publish("c", "back");
      return heard.includes("back");
    });
  });

  test("answers from its own memory while Redis hangs", async () => {
    const cache = await replica();
    redis.freeze();
    expect((await cache.take("b", bucket)).allowed).toBe(true);
    expect(await cache.increment("n", 60_000)).toBe(1);
  });

  test("is reported by a service, which is ready without it", async () => {
    const database = await createTestDatabase();
    const config = { ...testServiceConfig(database), cache: redis.config };
    const service = await startTestService(services.userManagement, config, () => undefined);
    const readiness = async () => (await service.call("GET", "/actuator/health/readiness")).body;
    const components = (status: string) => ({
      status: "UP",
      components: { database: { status: "UP", required: true }, redis: { status, required: false } },
    });
    await until(() => service.kit.cache.shared);
    expect(await readiness()).toEqual(components("UP"));
    await redis.kill();
    await until(() => !service.kit.cache.shared);
    expect(await readiness()).toEqual(components("DOWN"));
    expect((await service.call("GET", "/actuator/prometheus")).text).toMatch(/^cache_up\{.*\} 0$/m);
    await service.stop();
    await database.drop();
  });
});

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 10));
}
