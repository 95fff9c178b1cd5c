import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Daemon } from "../../../../local/kubernetes/daemon";
import { commandOf, ended } from "../../../../lib/process";

const PATIENCE_MS = 60_000;
const command = (script: string) => [process.execPath, "-e", script];
/** Of this run alone. */
const waits = `setInterval(()=>{},1000);${process.pid}`;

describe("a daemon", () => {
  let folder: string;
  let daemon: Daemon;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "daemon-"));
    daemon = new Daemon("sleeper", folder);
  });
  afterEach(async () => {
    await daemon.stop(PATIENCE_MS);
    rmSync(folder, { recursive: true });
  });

  test("is found again by who comes later, and started once", async () => {
    expect(await daemon.start(command(waits), PATIENCE_MS)).toBe(true);
    const later = new Daemon("sleeper", folder);
    expect(await later.start(command(waits), PATIENCE_MS)).toBe(false);
    expect(later.pid).toBe(daemon.pid);
  });

  test("is replaced when its command is another", async () => {
    await daemon.start(command(waits), PATIENCE_MS);
    const first = daemon.pid ?? 0;
    expect(await daemon.start(command(`${waits};1`), PATIENCE_MS)).toBe(true);
    expect(commandOf(first)).toBeUndefined();
    expect(daemon.pid).toBeDefined();
  });

  test("is started again after it was killed", async () => {
    await daemon.start(command(waits), PATIENCE_MS);
    const first = daemon.pid ?? 0;
    process.kill(first, "SIGKILL");
    await ended(first, PATIENCE_MS);
    expect(daemon.pid).toBeUndefined();
    expect(await daemon.start(command(waits), PATIENCE_MS)).toBe(true);
  });

  test("is found though whoever started it was killed before it had noted the process", async () => {
    await daemon.start(command(waits), PATIENCE_MS);
    const file = join(folder, "sleeper.json");
    const { pid, command: line } = JSON.parse(readFileSync(file, "utf8")) as { pid: number; command: string };
    writeFileSync(file, JSON.stringify({ command: line }));
    expect(daemon.pid).toBe(pid);
    expect(await daemon.start(command(waits), PATIENCE_MS)).toBe(false);
  });

  test("is no other program that has its process id by now", async () => {
    await daemon.start(command(waits), PATIENCE_MS);
    const file = join(folder, "sleeper.json");
    const { command: line } = JSON.parse(readFileSync(file, "utf8")) as { command: string };
    const own = daemon.pid ?? 0;
    writeFileSync(file, JSON.stringify({ pid: process.pid, command: line }));
    expect(daemon.pid).toBeUndefined();
    expect(await daemon.stop(PATIENCE_MS)).toBe(false);
    process.kill(own, "SIGKILL");
    await ended(own, PATIENCE_MS);
  });

  test("that ends instead of becoming ready is reported with its last words", async () => {
    await daemon.start(command("console.log('no disk');process.exit(3)"), PATIENCE_MS);
    const ready = daemon.untilReady(() => Promise.resolve(false), PATIENCE_MS);
    await expect(ready).rejects.toThrow(/sleeper ended instead of becoming ready[\s\S]*no disk/);
  });

  test("that cannot be run is said so", async () => {
    await expect(daemon.start(["/nowhere/program"], PATIENCE_MS)).rejects.toThrow(/\/nowhere\/program cannot be run/);
  });
});
