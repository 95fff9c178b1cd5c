import { kinds } from "../../../ops/time-series/kinds";
import { ownedBy } from "../support/admin-objects";
import { MemoryObjects } from "../support/memory-objects";

const objects = new MemoryObjects(() => new Date("2026-11-28T10:00:00.123Z"));
const backup = (name: string, more: object = {}) => ({
  ...kinds.backup,
  metadata: { name },
  spec: { cluster: { name: "one" }, method: "plugin", ...more },
});

test("what a definition does not allow is refused, whoever writes it", async () => {
  await expect(objects.create(backup("wrong", { method: "tape" }))).rejects.toThrow(
    /Backup wrong is invalid: \/spec\/method/,
  );
  await expect(objects.create(backup("wrong", { colour: "red" }))).rejects.toThrow(/colour/);
  expect(await objects.find(kinds.backup, "wrong")).toBeUndefined();
  await objects.create(backup("right"));
  await expect(objects.report(kinds.backup, "right", { phase: 1 })).rejects.toThrow(/status\/phase/);
  await expect(objects.report(kinds.backup, "right", { startedAt: "yesterday" })).rejects.toThrow(/status\/startedAt/);
});

test("what cannot change does not", async () => {
  await objects.create(backup("fixed"));
  await expect(objects.merge(kinds.backup, "fixed", { spec: { cluster: { name: "two" } } })).rejects.toThrow(
    "spec is immutable",
  );
  const spec = { cluster: { name: "one" }, schedule: "0 0 1 * * *" };
  await objects.create({ ...kinds.schedule, metadata: { name: "fixed" }, spec });
  await objects.merge(kinds.schedule, "fixed", { spec: { suspend: true } });
  await expect(objects.merge(kinds.schedule, "fixed", { spec: { cluster: { name: "two" } } })).rejects.toThrow(
    "spec.cluster is immutable",
  );
});

test("a status is written apart from the rest, and times have no fractions", async () => {
  await objects.create({ ...backup("apart"), status: { phase: "completed" } });
  await objects.merge(kinds.backup, "apart", {
    status: { phase: "completed" },
    metadata: { labels: { a: "b", c: "d" } },
  });
  const found = await objects.find(kinds.backup, "apart");
  expect([found?.["status"], found?.metadata]).toMatchObject([
    undefined,
    { creationTimestamp: "2026-11-28T10:00:00Z" },
  ]);
  await objects.merge(kinds.backup, "apart", { metadata: { labels: { c: null } } });
  expect((await objects.list(kinds.backup, { a: "b" }))[0]?.metadata.labels).toEqual({ a: "b" });
});

test("what belongs to an object goes with it", async () => {
  await objects.create(backup("owner"));
  const owner = await objects.find(kinds.backup, "owner");
  if (owner === undefined) throw new Error("it was created");
  await objects.create({ ...kinds.pod, metadata: { name: "owned", ...ownedBy(owner) } });
  await objects.delete(kinds.backup, "owner");
  expect(await objects.find(kinds.pod, "owned")).toBeUndefined();
});
