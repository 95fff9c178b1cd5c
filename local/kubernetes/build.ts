/** `npm run kubernetes:build`: builds the control plane's programs from their pinned Go modules; real pods need more. */
import { cpSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { duration } from "../../lib/display/progress";
import { MissingTool } from "../../lib/missing-tool";
import { projectRoot } from "../../lib/paths";
import { builtFolder, stagesOf } from "./binaries";
import { Go } from "./go";

const KUBERNETES = "k8s.io/kubernetes";
const KWOK = "sigs.k8s.io/kwok";

/** Each becomes a program of its last element's name. */
const packages = [
  "./etcd",
  ...["kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubectl"].map(inKubernetes),
  `${KWOK}/cmd/kwok`,
];

/** What real pods need beside it. */
const podPackages = [...["kubelet", "kube-proxy"].map(inKubernetes), "./pause"];

/** How often a build says how far it is: compiling all of it takes two cores three minutes. */
const TELL_MS = 15_000;

/** What kwok does with nodes and pods, from its own module: ready at once, Jobs done at once, a heartbeat for each node. */
const stages = ["node/fast", "node/heartbeat", "pod/fast"];

async function build(wanted: readonly string[]): Promise<void> {
  const beganAt = Date.now();
  const go = new Go(join(projectRoot, "local/kubernetes/tools"), builtFolder);
  const version = go.versionOf(KUBERNETES);
  process.stdout.write(`Kubernetes ${version} with ${go.version}; the first build downloads its modules.\n`);
  process.stdout.write(`  ${wanted.map((path) => basename(path)).join(", ")}\n`);
  let compiled = 0;
  const tell = setInterval(() => {
    process.stdout.write(`  ${duration(Date.now() - beganAt)}  ${compiled} packages compiled\n`);
  }, TELL_MS);
  try {
    await go.build(wanted, versionFlags(version), () => (compiled += 1));
  } finally {
    clearInterval(tell);
  }
  copyStages(go.folderOf(KWOK));
  process.stdout.write(`All in ${builtFolder} after ${duration(Date.now() - beganAt)}.\n`);
}

function inKubernetes(program: string): string {
  return `${KUBERNETES}/cmd/${program}`;
}

/** Kubernetes' programs know their version only from the linker. */
function versionFlags(version: string): string {
  const [, major = "", minor = ""] = /^v(\d+)\.(\d+)\./.exec(version) ?? [];
  return ["k8s.io/component-base/version", "k8s.io/client-go/pkg/version"]
    .flatMap((path) => [`${path}.gitVersion=${version}`, `${path}.gitMajor=${major}`, `${path}.gitMinor=${minor}`])
    .map((assignment) => `-X ${assignment}`)
    .join(" ");
}

function copyStages(module: string): void {
  const folder = stagesOf(join(builtFolder, "kwok"));
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const stage of stages) {
    const source = join(module, "kustomize", "stage", stage);
    const files = readdirSync(source).filter((file) => file.endsWith(".yaml") && file !== "kustomization.yaml");
    for (const file of files) cpSync(join(source, file), join(folder, file));
  }
}

async function main([option, ...more]: readonly string[]): Promise<number> {
  if (more.length > 0 || (option !== undefined && option !== "--pods")) {
    process.stderr.write(
      "usage: npm run kubernetes:build [-- --pods]\n  --pods  also builds what runs real pods, on Linux\n",
    );
    return 2;
  }
  try {
    await build([...packages, ...(option === "--pods" ? podPackages : [])]);
    return 0;
  } catch (error) {
    if (!(error instanceof MissingTool)) throw error;
    process.stderr.write(`\n${error.message}\n`);
    return 1;
  }
}

void main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
