import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bootstrap } from "../../tools/delivery/bootstrap";
import type { Terraform } from "../../tools/delivery/bootstrap";

/** An account as far as the bootstrap can tell: whether there is a bucket, and what it holds. */
class Account {
  bucket: "absent" | "empty" | "full" = "absent";
  readonly calls: string[] = [];
  /** Commands that fail, by their first word. */
  readonly broken = new Map<string, string>();

  readonly terraform: Terraform = (folder, args) => {
    const [verb = ""] = args;
    const where = folder.endsWith("remote")
      ? "remote"
      : existsSync(join(folder, "backend_override.tf.json"))
        ? "file"
        : "bucket";
    this.calls.push(`${verb} ${where}`);
    const failure = this.broken.get(`${verb} ${where}`);
    if (failure !== undefined) return Promise.resolve({ code: 1, output: failure });
    if (where === "remote" && verb === "init" && this.bucket === "absent") {
      return Promise.resolve({ code: 1, output: 'Error: S3 bucket "shop-state" does not exist.' });
    }
    if (verb === "state") {
      return Promise.resolve(
        this.bucket === "full"
          ? { code: 0, output: "aws_s3_bucket.x\n" }
          : { code: 1, output: "No state file was found!" },
      );
    }
    if (verb === "apply") {
      this.bucket = "empty";
      writeFileSync(join(folder, "delivery.tfstate"), "{}");
    }
    if (verb === "init" && args.includes("-migrate-state")) this.bucket = "full";
    return Promise.resolve({ code: 0, output: "" });
  };
}

describe("the bootstrap of delivery", () => {
  let root: string;
  let said: string[];
  const write = (backend: object) => {
    const stack = join(root, "stack");
    mkdirSync(stack, { recursive: true });
    writeFileSync(join(stack, "cdk.tf.json"), JSON.stringify({ terraform: { backend } }));
  };
  const run = (account: Account, dryRun = false) =>
    bootstrap({
      stack: join(root, "stack"),
      folder: join(root, "work"),
      dryRun,
      approved: true,
      terraform: account.terraform,
      say: (line) => said.push(line),
    });

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "bootstrap-"));
    said = [];
    write({ s3: { bucket: "shop-state" } });
  });
  afterEach(() => {
    rmSync(root, { recursive: true, force: true });
  });

  test("applies with the state in a file, moves it into the bucket, and sees that nothing is left to do", async () => {
    const account = new Account();
    await run(account);
    expect(account.calls).toEqual(["init remote", "init file", "apply file", "init bucket", "plan bucket"]);
    expect(existsSync(join(root, "work"))).toBe(false);
    expect(said.at(-1)).toMatch("Done: the state of delivery is in shop-state");
  });

  test("changes nothing in a dry run", async () => {
    const account = new Account();
    await run(account, true);
    expect(account.calls).toEqual(["init remote", "init file", "plan file"]);
  });

  test("does nothing where it was done before", async () => {
    const account = new Account();
    account.bucket = "full";
    await run(account);
    expect(account.calls).toEqual(["init remote", "state remote"]);
    expect(said).toEqual([expect.stringContaining("nothing to bootstrap")]);
  });

  test.each(["apply file", "init bucket", "plan bucket"])("goes on after %s was interrupted", async (step) => {
    const account = new Account();
    account.broken.set(step, "connection reset");
    await expect(run(account)).rejects.toThrow(/connection reset/);
    expect(existsSync(join(root, "work"))).toBe(true);
    account.broken.clear();
    await run(account);
    expect(account.bucket).toBe("full");
    expect(existsSync(join(root, "work"))).toBe(false);
  });

  test("refuses a bucket that another machine or somebody else made", async () => {
    const account = new Account();
    account.bucket = "empty";
    await expect(run(account)).rejects.toThrow("The bucket shop-state exists, but it holds no state of delivery");
  });

  test("shows what Terraform says when it cannot even ask", async () => {
    const account = new Account();
    account.broken.set("init remote", "Error: No valid credential sources found");
    await expect(run(account)).rejects.toThrow(/signed in to the account\?\n.*No valid credential sources/);
  });

  test("has nothing to do where states are kept in files", async () => {
    write({ local: { path: "x.tfstate" } });
    await expect(run(new Account())).rejects.toThrow("keeps its states in files");
  });
});
