import { PassThrough, Writable } from "node:stream";
import { projectRoot } from "../../../lib/paths";
import { TIME_SERIES } from "../../../config/names";
import { environment } from "../../../config";
import { commands } from "../../../ops/commands";
import type { Clock } from "../../../ops/core/clock";
import type { Context } from "../../../ops/core/context";
import { LEASE_MS } from "../../../ops/core/journal";
import type { Journal } from "../../../ops/core/journal";
import { currentJournal } from "../../../ops/core/operation-lease";
import { progressOn } from "../../../ops/core/progress";
import type { Cluster } from "../../../ops/kubernetes/cluster";
import type { Platform } from "../../../ops/platform";
import { run } from "../../../ops/program";
import { TimeSeriesServer } from "../../../ops/time-series/server";
import type { AdminObjects } from "./admin-objects";
import { withFailpoints } from "./failpoints";
import { memoryRecords } from "./memory-records";
import { SeriesJobs } from "./series-jobs";
import { SimulatedOperator } from "./simulated-operator";

export interface CommandResult {
  readonly code: number;
  readonly out: string;
  /** Progress and errors. */
  readonly err: string;
}

/**
 * Waits of one run, where the operator alone says how objects are, and where pods take their time. What is waited for in
 * vain ends no suite: twelve hours are thousands of looks.
 */
const MOST_WAITS = { alone: 100, withPods: 2_000 };

/** What a run came to before it was killed; its end, where it was not. */
export type Killed = { readonly points: readonly string[] } & Partial<CommandResult>;

/** Where the operations run, and who keeps the objects. */
interface Ground {
  readonly objects: AdminObjects;
  readonly cluster: Partial<Cluster>;
  /** @default trading */
  readonly namespace?: string;
  /** Whether something else than the operator says of pods how they are. @default false */
  readonly podsRun?: boolean;
}

/**
 * An environment whose time series have a server of their own. Commands run in this process; whenever they let time pass, the
 * server's operator gets on.
 */
export class TimeSeriesWorld {
  readonly operator: SimulatedOperator;
  readonly jobs: SeriesJobs;
  readonly records = memoryRecords();
  platform: Platform;
  readonly clock: Clock;
  private time = Date.parse("2026-11-28T10:00:00Z");
  private waits = 0;

  constructor(
    readonly objects: AdminObjects,
    { cluster, namespace = "trading", podsRun }: Omit<Ground, "objects">,
    more: Partial<Platform> = {},
  ) {
    this.operator = new SimulatedOperator(objects, () => this.now(), { namespace, podsRun });
    this.jobs = new SeriesJobs(objects, this.operator, namespace);
    const mostWaits = podsRun === true ? MOST_WAITS.withPods : MOST_WAITS.alone;
    this.clock = {
      now: () => this.now(),
      sleep: async (milliseconds) => {
        this.waits += 1;
        if (this.waits > mostWaits) throw new Error(`nothing came of it in ${mostWaits} looks`);
        this.pass(milliseconds);
        await this.operator.pass();
      },
    };
    this.platform = {
      operator: () => Promise.resolve("arn:aws:iam::0:user/somebody"),
      databaseJobs: this.jobs,
      release: { read: () => Promise.resolve({ live: "blue", images: { blue: "the-live-image", green: "" } }) },
      timeSeries: new TimeSeriesServer(objects, { namespace, declared: TIME_SERIES }),
      cluster,
      ...more,
    } as unknown as Platform;
  }

  now(): Date {
    return new Date(this.time);
  }

  pass(milliseconds: number): void {
    this.time += milliseconds;
  }

  /** What a part of an operation works with. */
  context(more: Partial<Platform> = {}): Context {
    const progress = progressOn(new PassThrough().resume(), this.clock);
    return {
      environment: environment("staging"),
      root: projectRoot,
      platform: { ...this.platform, ...more },
      records: this.records,
      clock: this.clock,
      progress,
      pause: (milliseconds) => this.clock.sleep(milliseconds),
    };
  }

  ops(line: string, more: Partial<Platform> = {}): Promise<CommandResult> {
    return this.runOn(line, { ...this.platform, ...more });
  }

  /**
   * Runs a command line that stops for ever right after a change, as a process does that is killed. Its lease is over then.
   *
   * @param killAt number of the change, or part of its name
   */
  async killed(line: string, killAt: number | string): Promise<Killed> {
    const points: string[] = [];
    let freeze: () => void = () => undefined;
    const frozen = new Promise<undefined>((resolve) => {
      freeze = () => {
        resolve(undefined);
      };
    });
    const { platform, records } = withFailpoints(this, (point) => {
      points.push(point);
      if (typeof killAt === "number" ? points.length < killAt : !point.includes(killAt)) return undefined;
      freeze();
      return new Promise(() => undefined);
    });
    const ended = await Promise.race([this.runOn(line, platform, records), frozen]);
    this.pass(LEASE_MS);
    return { points, ...ended };
  }

  /**
   * Kills a run after every change that it makes, as the suite about kills does with processes: each start is let come one
   * change further than the one before, until the journal gets on.
   *
   * @returns the changes that were somebody's last
   */
  async killedAllAlong(line: string): Promise<readonly string[]> {
    const kills: string[] = [];
    const earlier = (await this.journal())?.id;
    for (let killAt = 1, before: Journal | undefined; ;) {
      const { points, code } = await this.killed(line, killAt);
      const found = await this.journal();
      const now = found?.id === earlier ? undefined : found;
      if (code === undefined) kills.push(points.at(-1) ?? "");
      if (code !== undefined || now?.ended !== undefined) return kills;
      const progress = now?.done.length !== before?.done.length || now?.direction !== before?.direction;
      // A start takes the lease and writes the audit trail's entry.
      if (now !== undefined && before === undefined) killAt = 1;
      else killAt = progress ? 3 : killAt + 1;
      before = now;
    }
  }

  async journal(): Promise<Journal | undefined> {
    return (await currentJournal(this.records))?.journal;
  }

  private async runOn(line: string, platform: Platform, records = this.records): Promise<CommandResult> {
    this.waits = 0;
    const texts = { out: "", err: "" };
    const collect = (name: "out" | "err") =>
      new Writable({
        write: (chunk: Buffer, _encoding, done) => {
          texts[name] += chunk.toString();
          done();
        },
      });
    const code = await run([...line.split(" "), "--env", "staging"], {
      commands,
      clock: this.clock,
      root: projectRoot,
      stdout: collect("out"),
      stderr: collect("err"),
      prepare: () => ({ platform, records }),
    });
    return { code, ...texts };
  }
}
