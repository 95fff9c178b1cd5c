import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { choosePorts } from "../../../../local/app/ports";
import { givenDatabaseVariables, readPorts, redisVariables } from "../../../../local/app/settings";

describe("ports", () => {
  test("are the page's 8080 and the services' own, unless a variable says otherwise", () => {
    expect(readPorts({ MARKET_DATA_PORT: "9082" })).toEqual({
      page: 8080,
      userManagement: 8081,
      marketData: 9082,
      brokerIntegration: 8083,
    });
  });

  test("that cannot be are named all at once", () => {
    expect(() => readPorts({ PAGE_PORT: "http", USER_MANAGEMENT_PORT: "70000" })).toThrow(
      /PAGE_PORT "http"[\s\S]*USER_MANAGEMENT_PORT "70000"/,
    );
  });

  test("that are taken are named with the variable that chooses another", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => other.once("listening", resolve));
    const { port } = other.address() as AddressInfo;
    const wanted = { page: 0, userManagement: port, marketData: 0, brokerIntegration: 0 };
    await expect(choosePorts(wanted)).rejects.toThrow(
      new RegExp(`Port ${port} is taken by process ${process.pid} .*USER_MANAGEMENT_PORT`),
    );
    await new Promise((resolve) => other.close(resolve));
    expect((await choosePorts(wanted)).page).toBeGreaterThan(0);
  });
});

describe("DATABASE_URL", () => {
  test("names the owner; the services get a user of their own", () => {
    const url = "postgresql://me:p%40ss@db.example:6543/trading?sslmode=require";
    expect(givenDatabaseVariables({ DATABASE_URL: url }, "generated")).toEqual({
      DB_HOST: "db.example",
      DB_PORT: "6543",
      DB_NAME: "trading",
      DB_USERNAME: "bist_services",
      DB_PASSWORD: "generated",
      DB_OWNER_USERNAME: "me",
      DB_OWNER_PASSWORD: "p@ss",
      DB_SSL_MODE: "require",
    });
  });

  test("that cannot be used is not repeated, as it may hold a password", () => {
    expect(() => givenDatabaseVariables({ DATABASE_URL: "mysql://me:hunter2@db/x" }, "")).toThrow(
      /^(?!.*hunter2).*DATABASE_URL/,
    );
    expect(() => givenDatabaseVariables({ DATABASE_URL: "postgres://me:hunter2@db" }, "")).toThrow(/names no database/);
  });

  test("may be left out: then DB_HOST counts, or an embedded server", () => {
    expect(givenDatabaseVariables({}, "")).toBeUndefined();
    expect(givenDatabaseVariables({ DB_HOST: "db.example" }, "")).toEqual({});
  });
});

test("REDIS_URL becomes the services' variables", () => {
  expect(redisVariables({ REDIS_URL: "rediss://me:secret@cache.example" })).toEqual({
    REDIS_HOST: "cache.example",
    REDIS_PORT: "6379",
    REDIS_USERNAME: "me",
    REDIS_PASSWORD: "secret",
    REDIS_TLS: "true",
  });
  expect(redisVariables({})).toEqual({});
});
