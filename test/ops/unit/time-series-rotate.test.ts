import type { JobChange, JobState } from "../../../ops/kubernetes/cluster";
import type { Platform } from "../../../ops/platform";
import { MemoryObjects } from "../support/memory-objects";
import { bringUp, holdings } from "../support/time-series";
import { TimeSeriesWorld } from "../support/time-series-world";

const FIRST = "the-first";

/** The database's password: in Secrets Manager, at both servers, and in the pods; and Jobs that bring it to the servers. */
class Passwords {
  readonly versions: Record<string, string> = { before: FIRST };
  inForce = "before";
  readonly servers: Record<string, string> = { "database-bootstrap": FIRST, "time-series-bootstrap": FIRST };
  readonly pods = new Set<string>(["before"]);
  /** Names of the Jobs that ran. */
  readonly jobs: string[] = [];
  /** What Jobs like it fail with, but those of the way back. */
  failing: string | undefined;

  readonly secrets = {
    current: () => Promise.resolve(this.inForce),
    read: (_: string, version: string) => Promise.resolve({ password: this.versions[version] ?? "" }),
    propose: (_: string, version: string, next: () => Readonly<Record<string, string>>) => {
      this.versions[version] ??= next()["password"] ?? "";
      return Promise.resolve();
    },
    enforce: (_: string, version: string) => {
      this.inForce = version;
      return Promise.resolve();
    },
  };

  readonly cluster = {
    workload: () => Promise.resolve({ image: "an-image", wanted: 1, ready: 1, settled: true }),
    secretCopies: () => Promise.resolve([this.versions[this.inForce]]),
    startJob: (name: string, like: string, _: JobChange) => {
      if (!this.jobs.includes(name)) {
        this.jobs.push(name);
        if (!this.isFailing(name)) this.servers[like] = this.versions[this.inForce] ?? "";
      }
      return Promise.resolve();
    },
    job: (name: string): Promise<JobState> =>
      Promise.resolve(this.isFailing(name) ? { is: "failed", log: "it broke" } : { is: "succeeded" }),
    restart: (_: string, version: string) => {
      this.pods.clear();
      this.pods.add(version);
      return Promise.resolve();
    },
  };

  private isFailing(name: string): boolean {
    return this.failing !== undefined && name.startsWith(this.failing) && !name.endsWith("-back");
  }
}

describe("rotate database, where the time series have a server of their own", () => {
  test.each<[string, string | undefined]>([
    ["that works", undefined],
    ["that fails at the database", "database-bootstrap"],
    ["that fails at the time series' server", "time-series-bootstrap"],
  ])("killed after every change, one %s leaves one password everywhere", async (_, failing) => {
    const passwords = new Passwords();
    passwords.failing = failing;
    const objects: MemoryObjects = new MemoryObjects(() => world.now());
    const { cluster, secrets } = passwords as unknown as Platform;
    const world: TimeSeriesWorld = new TimeSeriesWorld(objects, { cluster }, { secrets });
    await bringUp(objects, world.operator, holdings("2026-11-28T09:59:00.000Z"));
    const kills = await world.killedAllAlong("rotate database");
    const jobs = kills.filter((point) => point.startsWith("cluster.startJob time-series-bootstrap-"));
    expect(jobs.length).toBeGreaterThan(0);
    expect((await world.journal())?.ended?.outcome).toBe(failing === undefined ? "done" : "undone");
    const { versions, inForce, servers, pods } = passwords;
    expect(inForce === "before").toBe(failing !== undefined);
    expect(Object.keys(versions)).toHaveLength(2);
    expect(servers).toEqual({ "database-bootstrap": versions[inForce], "time-series-bootstrap": versions[inForce] });
    expect([...pods]).toEqual([inForce]);
  });
});
