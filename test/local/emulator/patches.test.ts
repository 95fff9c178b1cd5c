import { spawnSync } from "node:child_process";
import { cpSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { emulatorPython } from "../../../local/emulator/python";
import { emulatorMissing, signedFor, startEmulator } from "../../support/emulator";
import type { TestEmulator } from "../../support/emulator";
import { describeWhere } from "../../support/skip";
import { temporaryFolder, terraform, terraformMissing } from "../../support/terraform";

/** The patches, seen through the real provider: every resource that shows one, all at once. */
const MODULES = join(__dirname, "modules");
/** The provider waits for most resources: more of them than Terraform's ten wait side by side. */
const AT_ONCE = "-parallelism=60";
const LAUNCHER = join(__dirname, "../../../local/emulator/launcher.py");
/** Most of it is the provider's own waiting; a machine busy with other suites needs the rest. */
jest.setTimeout(15 * 60_000);

const moduleNames = readdirSync(MODULES, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

describeWhere(emulatorMissing(), "the patches", () => {
  test("are each shown by a resource of these modules", () => {
    const { stdout } = spawnSync(emulatorPython(), [LAUNCHER, "--list-patches"], { encoding: "utf8" });
    const patches = JSON.parse(stdout) as { id: string; resource: string }[];
    const shown = new Set(moduleNames.flatMap(shownPatches));
    expect(shown).toEqual(new Set(patches.map(({ id, resource }) => `${id} ${resource}`)));
  });
});

describeWhere(emulatorMissing() ?? terraformMissing(), "the emulator", () => {
  let root: string;
  let stateFolder: string;
  let emulator: TestEmulator;

  beforeAll(async () => {
    root = temporaryFolder("patches");
    stateFolder = join(root, "emulator");
    emulator = await startEmulator({ stateFolder });
    cpSync(MODULES, modules(), { recursive: true });
  });

  afterAll(async () => {
    await emulator.stop();
    rmSync(root, { recursive: true });
  });

  const modules = () => join(root, "modules");
  const run = (revision: number, ...args: string[]) =>
    terraform(modules(), args, {
      emulator: emulator.endpoint,
      variables: { revision: String(revision) },
    });

  /** Addresses that a plan would touch, with what it would do to them. */
  const plan = async (revision: number) => {
    const { stdout } = await run(revision, "plan", "-json", AT_ONCE);
    return stdout
      .split("\n")
      .filter((line) => line.includes('"planned_change"'))
      .map((line) => (JSON.parse(line) as { change: Change }).change)
      .map(({ resource, action }) => `${action} ${resource.addr}`);
  };

  const apply = (revision: number, ...more: string[]) => run(revision, "apply", "-auto-approve", AT_ONCE, ...more);

  test("takes every resource", async () => {
    await run(1, "init");
    await apply(1);
  });

  test("gives back what it took", async () => {
    expect(await plan(1)).toEqual([]);
  });

  test("carries out once what an SDK sends again, also while the first is under way", async () => {
    const create = async (invocation: string) => {
      const answer = await fetch(emulator.endpoint, {
        method: "POST",
        headers: { authorization: signedFor("ec2"), "amz-sdk-invocation-id": invocation },
        body: new URLSearchParams({
          Action: "CreateVpcEndpoint",
          Version: "2016-11-15",
          ServiceName: "com.amazonaws.us-east-1.s3",
        }),
      });
      return /<vpcEndpointId>(.*)<\/vpcEndpointId>/.exec(await answer.text())?.[1];
    };
    const [first, atOnce] = await Promise.all([create("one"), create("one")]);
    expect(first).toMatch(/^vpce-/);
    expect([atOnce, await create("one")]).toEqual([first, first]);
    expect(await create("another")).not.toBe(first);
  });

  test("carries out anew what was refused before", async () => {
    const headers = { authorization: signedFor("sns"), "amz-sdk-invocation-id": "refused" };
    const ask = async (Action: string) =>
      (await fetch(emulator.endpoint, { method: "POST", headers, body: new URLSearchParams({ Action, Name: "a" }) }))
        .status;
    expect(await ask("NoSuchAction")).toBe(400);
    expect(await ask("CreateTopic")).toBe(200);
  });

  test("gives back what it took after a restart too", async () => {
    await emulator.stop();
    emulator = await startEmulator({ stateFolder });
    expect(await plan(1)).toEqual([]);
  });

  test("changes resources in place", async () => {
    const changes = await plan(2);
    expect(changes.filter((change) => !change.startsWith("update "))).toEqual([]);
    const changed = new Set(changes.map((change) => change.replace(/^update |\[\d\]$/g, "")));
    expect(moduleNames.flatMap(changingAddresses).filter((address) => !changed.has(address))).toEqual([]);
    await apply(2);
    expect(await plan(2)).toEqual([]);
  });

  test("creates a cluster again at the address that it had", async () => {
    const address = async () => (await run(2, "output", "-raw", "cluster_address")).stdout;
    const first = await address();
    const gone = ["aws_eks_cluster.main", "aws_eks_node_group.main", "aws_eks_addon.driver"];
    await apply(2, ...gone.map((address) => `-replace=module.cluster.${address}`));
    expect(await address()).toBe(first);
  });

  test("lets go of every resource", async () => {
    await apply(2, "-destroy");
  });
});

interface Change {
  readonly resource: { readonly addr: string };
  readonly action: string;
}

/** `# patch: <id>` stands above the resource that shows it: each as `<id> <type>`. */
function shownPatches(name: string): string[] {
  return patchedResources(name).flatMap(({ ids, type }) => ids.map((id) => `${id} ${type}`));
}

/** A replica follows its source, and a listener's certificate is replaced: nothing of theirs changes in place. */
const UNCHANGING = ["module.data.aws_db_instance.replica", "module.edge.aws_lb_listener_certificate.main"];

function changingAddresses(name: string): string[] {
  return patchedResources(name)
    .map(({ type, label }) => `module.${name}.${type}.${label}`)
    .filter((address) => !UNCHANGING.includes(address));
}

function patchedResources(name: string) {
  const source = readFileSync(join(MODULES, name, "main.tf"), "utf8");
  return Array.from(
    source.matchAll(/((?:^# patch: \S+\n)+)resource "(\w+)" "(\w+)"/gm),
    ([, comments = "", type = "", label = ""]) => ({ ids: comments.match(/(?<=# patch: )\S+/g) ?? [], type, label }),
  );
}
