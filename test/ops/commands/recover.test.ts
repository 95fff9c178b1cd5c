import { currentJournal } from "../../../ops/core/operation-lease";
import { refused } from "../../../ops/core/outcome";
import type { Platform } from "../../../ops/platform";
import { deployLine } from "../../../ops/recovery/declared";
import { environment } from "../../../config";
import { describeWhere } from "../../support/skip";
import { FakeApplication } from "../support/application";
import { Harness } from "../support/harness";
import { testEnvironmentMissing } from "../support/test-environment";

jest.setTimeout(300_000);

describeWhere(testEnvironmentMissing(), "a recovery", () => {
  const application = new FakeApplication();
  let harness: Harness;
  let image: string;
  const green = "user-management-service-green";

  beforeAll(async () => {
    harness = new Harness(await application.listen());
  });
  beforeEach(async () => {
    application.broken = undefined;
    await harness.reset();
    image = await harness.image("second");
    await harness.ops(`release ${image} --weights 100 --soak 0`);
  });
  afterAll(() => application.close());

  /** Somebody's bad afternoon: another image, no pods, half of the weights, and the page on. */
  const breakIt = async () => {
    await harness.platform.cluster.change(green, { image: await harness.image("third"), replicas: 0 });
    await harness.platform.loadBalancer.setWeights({ blue: 50, green: 50 });
    await harness.platform.loadBalancer.closeToTraders([harness.environment.edge.hosts.api], "a test");
  };

  describe("of the application", () => {
    test("puts the live release back: image, declared pods, requests, and the page off", async () => {
      await breakIt();
      const { code, stderr, answer } = await harness.ops("recover application");
      expect([stderr, code]).toEqual([stderr, 0]);
      expect(answer.answer).toEqual({ live: "green", image });
      const { userManagement, marketData } = harness.environment.trading.services;
      expect(harness.pods()).toMatchObject({
        [green]: { wanted: userManagement.replicas, image },
        "market-data-service-green": { wanted: marketData.autoscaling?.minReplicas, image },
        "user-management-service-blue": { wanted: 0 },
      });
      expect(await harness.platform.loadBalancer.weights()).toEqual([{ blue: 0, green: 100 }]);
      expect(await harness.platform.loadBalancer.isClosedToTraders()).toBe(false);
      expect(Object.keys(harness.restarts()).length).toBeGreaterThan(0);
    });

    test("leaves everything as it was found when the platform does not get well", async () => {
      await breakIt();
      const found = harness.pods();
      application.broken = "/api/v1/symbols";
      expect(await harness.ops("recover application")).toMatchObject({ code: 5 });
      expect(harness.pods()[green]).toEqual(found[green]);
      expect(await harness.platform.loadBalancer.weights()).toEqual([{ blue: 50, green: 50 }]);
      expect(await harness.platform.loadBalancer.isClosedToTraders()).toBe(true);
    });

    test("takes the newest release that can still be pulled", async () => {
      const third = await harness.image("third");
      await harness.ops(`release ${third} --weights 100 --soak 0`);
      const registry = Object.create(harness.platform.registry, {
        require: { value: (one: string) => (one === third ? Promise.reject(refused("gone")) : Promise.resolve([])) },
      }) as Platform["registry"];
      const { answer } = await harness.ops("recover application", { platform: { registry } });
      expect(answer.answer).toEqual({ live: "blue", image });
      expect((await harness.platform.release.read()).images.blue).toBe(image);
    });

    test("is refused on ground that is not there, with the deploy that puts it back", async () => {
      harness.kubectl.run(["delete", "deployment", green, `--namespace=${harness.namespace}`]);
      const { code, answer } = await harness.ops("recover application");
      expect([code, answer.reason]).toEqual([3, expect.stringContaining(`There is no Deployment ${green}`)]);
      expect(answer.reason).toContain("`npm start`");
      expect(deployLine(environment("production"), ["edge", "trading"])).toBe(
        "npx cdktf deploy production-edge production-trading",
      );
    });
  });

  describe("of everything", () => {
    const contents = { migrations: [], tables: {}, newestWrite: "2026-11-23T10:00:00.000000Z" };
    const dump = "bist_trading_backup_20261123_100000";
    let ran: string[];

    /** A dump, and a database that holds what is said. */
    const database = (live: object | undefined): Partial<Platform> => ({
      databaseJobs: {
        requireTools: () => Promise.resolve(),
        run: (_, { command, args }) => {
          ran.push([command, ...args].join(" "));
          const answer = args[0] === "inspect" ? { databases: [], ...(live && { contents: live }) } : {};
          return Promise.resolve(answer);
        },
      },
      dumps: Object.create(harness.platform.dumps, {
        names: { value: () => Promise.resolve([dump]) },
        require: { value: () => Promise.resolve({ takenAt: "2026-11-23T10:00:00Z", bytes: 1, contents }) },
        addresses: { value: () => Promise.resolve({}) },
      }) as Platform["dumps"],
    });
    const changes = () => ran.filter((line) => !line.includes("inspect"));

    beforeEach(() => {
      ran = [];
    });

    test("brings the database back, then the application", async () => {
      await breakIt();
      const table = { ...contents, tables: { users: { rows: 1 } } };
      const { code, stderr } = await harness.ops("recover full", { platform: database(table) });
      expect([stderr, code]).toEqual([stderr, 0]);
      expect(changes().map((line) => line.replaceAll(/\d{14}/g, "<time>"))).toEqual([
        "restore-database into bist_trading_restored_<time>",
        "restore-database switch bist_trading_restored_<time> bist_trading_before_<time>",
      ]);
      expect(harness.pods()[green]).toMatchObject({ image });
    });

    test("keeps the database that it has brought back, and goes on with the application", async () => {
      application.broken = "/api/v1/symbols";
      const table = { ...contents, tables: { users: { rows: 1 } } };
      expect(await harness.ops("recover full", { platform: database(table) })).toMatchObject({ code: 6 });
      const before = changes();
      application.broken = undefined;
      expect(await harness.ops("recover full", { platform: database(table) })).toMatchObject({ code: 0 });
      expect(changes()).toEqual(before);
      expect(before.filter((line) => line.includes("drop"))).toEqual([]);
    });

    test("is refused where newer data would be lost, before anything changes", async () => {
      const newer = { ...contents, newestWrite: "2026-11-23T10:00:01.000000Z" };
      const { code, answer } = await harness.ops("recover full", { platform: database(newer) });
      expect([code, answer.reason]).toEqual([3, expect.stringContaining("--accept-loss")]);
      expect(changes()).toEqual([]);
      expect((await currentJournal(harness.records))?.journal.command).toBe("release");
    });

    test("stops before the switch when something was written meanwhile", async () => {
      let looks = 0;
      const { databaseJobs, dumps } = database(contents);
      const writing: Partial<Platform> = {
        dumps,
        databaseJobs: {
          requireTools: () => Promise.resolve(),
          run: async (context, job) => {
            const answer = await databaseJobs?.run(context, job);
            if (job.args[0] !== "inspect") return answer;
            looks += 1;
            const newestWrite = looks > 1 ? "2026-11-23T10:00:02.000000Z" : contents.newestWrite;
            return { databases: [], contents: { ...contents, newestWrite } };
          },
        },
      };
      expect(await harness.ops("recover database", { platform: writing })).toMatchObject({ code: 5 });
      expect(changes().map((line) => line.split(" ")[1])).toEqual(["into", "drop"]);
    });
  });
});
