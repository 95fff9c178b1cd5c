import { DeleteObjectCommand, GetObjectTaggingCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { Client } from "pg";
import { connectionOptions } from "../../../app/packages/kit/database/database";
import { dumpKey, manifestKey } from "../../../app/packages/contract/dumps";
import type { Manifest } from "../../../app/packages/contract/dumps";
import { backupBucketName } from "../../../config/names";
import { clientOptions } from "../../../ops/aws/clients";
import { projectRoot } from "../../../lib/paths";
import { currentJournal } from "../../../ops/core/operation-lease";
import { ProcessJobs } from "../../../ops/recovery/process-jobs";
import type { OwnedDatabase } from "../../app/support/owned-database";
import { registerUser, startUserManagement } from "../../app/support/users";
import { debianPostgresMissing } from "../../app/support/debian-postgres";
import { describeWhere } from "../../support/skip";
import { databaseOfTests, startDatabaseOfTests } from "../support/database";
import { Harness } from "../support/harness";
import { testEnvironmentMissing } from "../support/test-environment";

jest.setTimeout(180_000);

const missing = testEnvironmentMissing() ?? debianPostgresMissing();

describeWhere(missing, "backup and restore", () => {
  let harness: Harness;
  let database: OwnedDatabase;
  let s3: S3Client;
  let Bucket: string;

  beforeAll(async () => {
    harness = new Harness("http://127.0.0.1:9");
    s3 = new S3Client({ ...clientOptions(harness.environment), forcePathStyle: true });
    Bucket = backupBucketName(harness.environment.prefix, harness.environment.aws);
    // Of other files' tests, whose clocks may have been ahead.
    for (const name of await harness.platform.dumps.names()) {
      await s3.send(new DeleteObjectCommand({ Bucket, Key: manifestKey(name) }));
    }
    database = await startDatabaseOfTests();
    await register(2);
  });
  beforeEach(() => harness.forgetRecords());
  afterAll(() => database.drop());

  const register = async (count: number) => {
    const service = await startUserManagement(database);
    for (let made = 0; made < count; made += 1) await registerUser(service);
    await service.stop();
  };
  const databases = async () => {
    const rows = await database.query<{ datname: string }>("SELECT datname FROM pg_database WHERE datname ~ '^bist'");
    return rows.map(({ datname }) => datname).sort();
  };
  const backUp = async (): Promise<string> => {
    harness.clock.pass(1_000);
    const { stderr, code, answer } = await harness.ops("backup");
    expect([stderr, code]).toEqual([stderr, 0]);
    return (answer.answer as { name: string }).name;
  };
  const restored = async (dump: string): Promise<string> => {
    const { stderr, code, answer } = await harness.ops(`restore dump ${dump}`);
    expect([stderr, code]).toEqual([stderr, 0]);
    return (answer.answer as { database: string }).database;
  };

  test("bring every row of every table back, beside the live database", async () => {
    const dump = await backUp();
    const { TagSet } = await s3.send(new GetObjectTaggingCommand({ Bucket, Key: dumpKey(dump) }));
    expect(TagSet).toEqual([{ Key: "RetentionDays", Value: "30" }]);
    const copy = await restored(dump);
    const { contents }: Manifest = await harness.platform.dumps.require(dump);
    for (const table of Object.keys(contents.tables)) {
      expect([table, await database.rowsOf(copy, table)]).toEqual([
        table,
        await database.rowsOf("bist_trading", table),
      ]);
    }
    expect(contents.tables["users"]?.rows).toBe(2);
    expect((await harness.ops("backups")).answer.answer).toMatchObject({
      dumps: expect.arrayContaining([dump]) as unknown,
    });
  });

  test("switch to the copy only where nothing newer is lost, or that is said, and back again", async () => {
    const copy = await restored(await backUp());
    await register(1);
    const before = (await database.rowsOf("bist_trading", "users")).length;
    const refused = await harness.ops(`restore switch ${copy}`);
    expect(refused).toMatchObject({ code: 3, answer: { reason: expect.stringContaining("newer data") as string } });
    const { code, stderr, answer } = await harness.ops(`restore switch ${copy} --accept-loss`);
    expect([stderr, code]).toEqual([stderr, 0]);
    expect(await database.rowsOf("bist_trading", "users")).toHaveLength(before - 1);
    const { keptAs } = answer.answer as { keptAs: string };
    harness.clock.pass(1_000);
    expect((await harness.ops(`restore switch ${keptAs}`)).code).toBe(0);
    expect(await database.rowsOf("bist_trading", "users")).toHaveLength(before);
  });

  describe("in one command", () => {
    const users = () => database.rowsOf("bist_trading", "users");

    test("bring the newest whole dump back in the live database's place, which stays under another name", async () => {
      const dump = await backUp();
      const there = await users();
      const damaged = await backUp();
      await s3.send(new PutObjectCommand({ Bucket, Key: dumpKey(damaged), Body: "short" }));
      await register(1);
      harness.clock.pass(1_000);
      expect(await harness.ops("recover database")).toMatchObject({
        code: 3,
        answer: { reason: expect.stringContaining("--accept-loss") as string },
      });
      const { code, stderr, answer } = await harness.ops("recover database --accept-loss");
      expect([stderr, code]).toEqual([stderr, 0]);
      expect(stderr).toContain(`The dump "${damaged}" has 5 bytes`);
      const { keptAs } = answer.answer as { keptAs: string };
      expect(answer.answer).toMatchObject({ dump });
      expect(await users()).toEqual(there);
      expect(await database.rowsOf(keptAs, "users")).toHaveLength(there.length + 1);
    });

    test("bring back a database that is gone", async () => {
      const dump = await backUp();
      const there = await users();
      const server = new Client(connectionOptions({ ...database.ownerConfig, name: "postgres" }, "a test"));
      await server.connect();
      await server.query("DROP DATABASE bist_trading WITH (FORCE)");
      await server.end();
      harness.clock.pass(1_000);
      const { code, stderr } = await harness.ops(`recover database ${dump}`);
      expect([stderr, code]).toEqual([stderr, 0]);
      expect(await users()).toEqual(there);
    });
  });

  test("try a dump in a scratch database that does not stay", async () => {
    const dump = await backUp();
    const there = await databases();
    expect(await harness.ops("verify-backup")).toMatchObject({ code: 0, answer: { answer: { dump } } });
    expect(await databases()).toEqual(there);
  });

  test("take nothing from a dump that was changed since", async () => {
    const dump = await backUp();
    const there = await databases();
    const { bytes } = await harness.platform.dumps.require(dump);
    await s3.send(new PutObjectCommand({ Bucket, Key: dumpKey(dump), Body: Buffer.alloc(bytes, 1) }));
    expect(await harness.ops(`restore dump ${dump}`)).toMatchObject({
      code: 5,
      answer: { reason: expect.stringContaining("the dump is damaged") as string },
    });
    expect(await databases()).toEqual(there);
  });

  describe("are refused before anything changes", () => {
    let dump: string;
    beforeAll(async () => {
      dump = await backUp();
    });

    test.each([
      ["a dump that is not there", () => "restore dump bist_trading_backup_20200101_000000", "There is no dump"],
      ["a restore onto the live database", () => `restore dump ${dump} --into bist_trading`, "is the live"],
      ["another's database", () => `restore dump ${dump} --into postgres`, "is no copy's name"],
      ["a switch to nothing", () => "restore switch bist_trading_nothing", "There is no database"],
      ["a verification of nothing", () => "verify-backup bist_trading_backup_20200101_000000", "There is no dump"],
    ])("for %s", async (_, line, reason) => {
      const there = await databases();
      expect(await harness.ops(line())).toMatchObject({
        code: 3,
        answer: { reason: expect.stringContaining(reason) as string },
      });
      expect(await currentJournal(harness.records)).toBeUndefined();
      expect(await databases()).toEqual(there);
    });

    test.each(["backup", "verify-backup", "restore dump"])("where %s finds no pg_dump", async (command) => {
      const databaseJobs = new ProcessJobs(projectRoot, () => ({ ...databaseOfTests(), PATH: "/nowhere" }));
      const line = command === "restore dump" ? `${command} ${dump}` : command;
      expect(await harness.ops(line, { platform: { databaseJobs } })).toMatchObject({
        code: 3,
        answer: { reason: expect.stringContaining("install PostgreSQL's client programs") as string },
      });
      expect(await currentJournal(harness.records)).toBeUndefined();
    });

    test("for a copy that holds newer data than the dump", async () => {
      await register(1);
      const copy = await restored(await backUp());
      expect(await harness.ops(`restore dump ${dump} --into ${copy}`)).toMatchObject({
        code: 3,
        answer: { reason: expect.stringContaining(`${copy} holds newer data than the dump`) as string },
      });
    });

    test("for a dump that is shorter than its manifest says", async () => {
      const short = await backUp();
      await s3.send(new PutObjectCommand({ Bucket, Key: dumpKey(short), Body: "short" }));
      expect(await harness.ops(`restore dump ${short}`)).toMatchObject({
        code: 3,
        answer: { reason: expect.stringContaining("its manifest says") as string },
      });
    });
  });
});
