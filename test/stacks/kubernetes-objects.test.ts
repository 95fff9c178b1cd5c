import { selectEnvironments } from "../../config";
import { environmentStacks } from "../../stacks/environment-stacks";
import { problemsOf } from "../support/kubernetes-object";
import { synthesize, testApp } from "../support/template";
import type { Block } from "../support/template";

/** A Deployment as Terraform reads it. */
const deployment = (container: Block = {}, pod: Block = {}): Block => ({
  metadata: { name: "app", namespace: "trading" },
  wait_for_rollout: true,
  spec: {
    replicas: "${local.replicas}",
    selector: { match_labels: { app: "app" } },
    template: {
      metadata: { labels: { app: "app" } },
      spec: {
        host_pid: false,
        container: [{ name: "app", image: "app:1", port: [{ container_port: 8081 }], ...container }],
        volume: [{ name: "settings", secret: { secret_name: "app", default_mode: "0440" } }],
        ...pod,
      },
    },
  },
});

const ofDeployment = (container?: Block, pod?: Block) =>
  problemsOf("kubernetes_deployment_v1", deployment(container, pod)).join("\n");

describe("an object", () => {
  test("is taken as the provider writes it", () => {
    expect(ofDeployment({ security_context: { run_as_user: "65532" } })).toBe("");
  });

  test("may have no field that Kubernetes does not know, at any depth", () => {
    expect(ofDeployment({ readiness_prob: {} })).toContain("container.readiness_prob is no field of V1Container");
    expect(ofDeployment({}, { hostname_override: "x", colour: 1 })).toContain("template.spec.colour");
  });

  test("has every field that Kubernetes asks for", () => {
    expect(ofDeployment({ name: undefined })).toMatch(/name/);
    expect(ofDeployment({}, { container: undefined })).toMatch(/containers/);
  });

  test("has values of the right type", () => {
    expect(ofDeployment({ stdin: "yes" })).toMatch(/stdin/);
    expect(ofDeployment({ port: [{ container_port: "http" }] })).toMatch(/containerPort/);
  });

  test("is of a kind that somebody put into the table", () => {
    expect(problemsOf("kubernetes_daemon_set_v1", {})).toEqual([
      "kubernetes_daemon_set_v1 is in no table of kinds; add it",
    ]);
  });
});

test.each(selectEnvironments(undefined))("the Kubernetes objects of $name are what Kubernetes takes", (environment) => {
  const objects = Object.values(environmentStacks(testApp(), environment)).flatMap((stack) =>
    Object.entries(synthesize(stack).resource ?? {})
      .filter(([type]) => type.startsWith("kubernetes_"))
      .flatMap(([type, blocks]) =>
        Object.entries(blocks).map(([id, block]) => ({ type, block, name: `${stack.node.id} ${type}.${id}` })),
      ),
  );
  expect(objects.map(({ type }) => type)).toEqual(expect.arrayContaining(["kubernetes_deployment_v1"]));
  const problems = objects.flatMap(({ type, block, name }) =>
    problemsOf(type, block).map((problem) => `${name}: ${problem}`),
  );
  expect(problems).toEqual([]);
});
