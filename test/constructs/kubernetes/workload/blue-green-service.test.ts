import { DeploymentV1 } from "@cdktf/provider-kubernetes/lib/deployment-v1";
import { HorizontalPodAutoscalerV2 } from "@cdktf/provider-kubernetes/lib/horizontal-pod-autoscaler-v2";
import { PodDisruptionBudgetV1 } from "@cdktf/provider-kubernetes/lib/pod-disruption-budget-v1";
import { Release } from "@cdktf/provider-helm/lib/release";
import { ServiceV1 } from "@cdktf/provider-kubernetes/lib/service-v1";
import { services } from "../../../../app/packages/contract/services";
import { BlueGreenService } from "../../../../constructs/kubernetes/workload/blue-green-service";
import type { BlueGreenServiceProps } from "../../../../constructs/kubernetes/workload/blue-green-service";
import { CurrentRelease } from "../../../../constructs/kubernetes/workload/release";
import { resources, synthesize, testStack } from "../../../support/template";
import type { Block } from "../../../support/template";

const probe = { initialDelaySeconds: 30, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 3 };

const podProps: BlueGreenServiceProps["pod"] = {
  serviceAccount: "bist-trading-sa",
  configMap: "app-config",
  secrets: { secretName: "market-data-1", variables: ["DB_PASSWORD"] },
  certificate: { secretName: "bist-trading-tls", publiclyTrusted: true },
  nodeSelector: { NodeType: "application" },
  tolerations: [{ key: "application", operator: "Equal", value: "true", effect: "NoSchedule" }],
  scratch: { logs: "/app/logs" },
};

type Settings = BlueGreenServiceProps["settings"];

function serve(pods: Pick<Settings, "replicas" | "autoscaling"> = { replicas: 5 }, pod = podProps) {
  const stack = testStack();
  new BlueGreenService(stack, "MarketData", {
    contract: services.marketData,
    namespace: "trading",
    release: new CurrentRelease(stack, "Release", "/bist/release"),
    firstImage: "registry.example.com/app@sha256:0",
    pod,
    targetGroups: { blue: "arn:blue", green: "arn:green" },
    settings: {
      requests: { cpu: "1000m", memory: "2Gi" },
      limits: { cpu: "2000m", memory: "4Gi" },
      liveness: probe,
      readiness: { ...probe, periodSeconds: 5 },
      maxUnavailable: 1,
      ...pods,
    } as Settings,
    revision: "1",
    after: [],
  });
  return stack;
}

/** A path into a block as Terraform has it. */
function at(block: Block | undefined, ...path: (string | number)[]): unknown {
  return path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key], block);
}

describe("BlueGreenService", () => {
  test("has a blue and a green of everything, told apart by their labels", () => {
    const stack = serve();
    const names = (type: Parameters<typeof resources>[1]) =>
      resources(stack, type).map((one) => at(one, "metadata", "name"));
    const both = ["market-data-service-blue", "market-data-service-green"];
    expect(names(DeploymentV1)).toEqual(both);
    expect(names(ServiceV1)).toEqual([...both, "market-data-service"]);
    expect(names(PodDisruptionBudgetV1)).toEqual(both);
    for (const deployment of resources(stack, DeploymentV1)) {
      expect(at(deployment, "spec", "selector", "match_labels")).toEqual(
        at(deployment, "spec", "template", "metadata", "labels"),
      );
    }
  });

  test("takes image and pods of a colour from the release, and no pods for the idle one", () => {
    const stack = serve();
    const [, green] = resources(stack, DeploymentV1);
    const [parameter] = Object.keys(synthesize(stack).data?.["aws_ssm_parameter"] ?? {});
    const state = `jsondecode(data.aws_ssm_parameter.${parameter}.insecure_value)`;
    const serves = `(${state}.live == "green") || (${state}.weights.green >= 1)`;
    const pods = `try(${state}.replicas["market-data"], 5)`;
    expect(at(green, "spec", "replicas")).toBe(`\${((${serves}) || try(${state}.standby, false)) ? ${pods} : 0}`);
    expect(at(green, "spec", "template", "spec", "container", 0, "image")).toBe(
      `\${coalesce(${state}.images.green, "registry.example.com/app@sha256:0")}`,
    );
  });

  test("runs under the restricted standard, with a read-only root and no token", () => {
    const spec = at(resources(serve(), DeploymentV1)[0], "spec", "template", "spec") as Block;
    expect(spec).toMatchObject({
      automount_service_account_token: false,
      security_context: { run_as_non_root: true, seccomp_profile: { type: "RuntimeDefault" } },
    });
    expect(at(spec, "container", 0, "security_context")).toEqual({
      allow_privilege_escalation: false,
      capabilities: { drop: ["ALL"] },
      privileged: false,
      read_only_root_filesystem: true,
      run_as_non_root: true,
    });
  });

  test("gives a pod time to leave the load balancer and then to end what it was doing", () => {
    const spec = at(resources(serve(), DeploymentV1)[0], "spec", "template", "spec") as Block;
    expect(spec["termination_grace_period_seconds"]).toBe(35);
    expect(at(spec, "container", 0, "lifecycle", "pre_stop", 0, "exec", "command")).toEqual([
      "/nodejs/bin/node",
      "-e",
      "setTimeout(() => {}, 10000)",
    ]);
  });

  test("speaks TLS with the certificate it is given, to probes too", () => {
    const container = at(resources(serve(), DeploymentV1)[0], "spec", "template", "spec", "container", 0) as Block;
    expect(at(container, "readiness_probe", "http_get")).toEqual({
      path: "/actuator/health/readiness",
      port: "8082",
      scheme: "HTTPS",
    });
    expect(container["env"]).toContainEqual({ name: "TLS_CERTIFICATE_PATH", value: "/run/secrets/tls/tls.crt" });
  });

  test("leaves restarts to operators, and the number of pods to the autoscaler where there is one", () => {
    const restart = 'spec[0].template[0].metadata[0].annotations["kubectl.kubernetes.io/restartedAt"]';
    const autoscaling = { minReplicas: 5, maxReplicas: 20, cpuPercent: 70, memoryPercent: 80 };
    const stack = serve({ autoscaling });
    expect(resources(stack, DeploymentV1)[0]).toMatchObject({
      lifecycle: { ignore_changes: [restart, "spec[0].replicas"] },
    });
    expect(resources(serve(), DeploymentV1)[0]).toMatchObject({ lifecycle: { ignore_changes: [restart] } });
    expect(resources(stack, HorizontalPodAutoscalerV2)[0]).toMatchObject({
      spec: {
        min_replicas: expect.stringMatching(/^\$\{try\(.+\.replicas.+, 5\)\}$/) as string,
        max_replicas: 20,
        scale_target_ref: { kind: "Deployment", name: "market-data-service-blue" },
        metric: [
          { resource: { name: "cpu", target: { average_utilization: 70 } } },
          { resource: { name: "memory", target: { average_utilization: 80 } } },
        ],
      },
    });
    expect(resources(serve(), HorizontalPodAutoscalerV2)).toEqual([]);
  });

  test("binds each colour's pods to its target group before there are any", () => {
    const stack = serve();
    const [release] = resources(stack, Release);
    const [values] = release?.["values"] as [string];
    const { objects } = JSON.parse(values.replace(/\$\{[^}]*\}/g, "")) as { objects: Block[] };
    expect(objects.map((object) => [at(object, "kind"), at(object, "spec", "targetGroupARN")])).toEqual([
      ["TargetGroupBinding", "arn:blue"],
      ["TargetGroupBinding", "arn:green"],
    ]);
    for (const deployment of resources(stack, DeploymentV1)) {
      expect(deployment["depends_on"]).toEqual([expect.stringMatching(/^helm_release\.MarketData_Targets_/)]);
    }
  });

  test("changes pods a quarter at a time, and takes none away before its successor is ready", () => {
    expect(at(resources(serve(), DeploymentV1)[0], "spec", "strategy")).toEqual({
      type: "RollingUpdate",
      rolling_update: { max_surge: "25%", max_unavailable: "0" },
    });
  });

  test("leads callers inside of the cluster to the pods of either colour", () => {
    const everyColour = resources(serve(), ServiceV1).find(
      (one) => at(one, "metadata", "name") === "market-data-service",
    );
    expect(at(everyColour, "spec", "selector")).toEqual({ app: "market-data-service" });
  });
});

describe("a pod of the application", () => {
  const pod = (more: object) => {
    const stack = serve(undefined, { ...podProps, ...more });
    return at(resources(stack, DeploymentV1)[0], "spec", "template", "spec") as Block;
  };
  const env = (block: Block) => at(block, "container", 0, "env");

  test("has its settings from one config map, and each secret as a file that it is told of", () => {
    expect(at(pod({}), "container", 0, "env_from")).toEqual([{ config_map_ref: { name: "app-config" } }]);
    expect(env(pod({}))).toContainEqual({ name: "DB_PASSWORD_FILE", value: "/run/secrets/app/DB_PASSWORD" });
    expect(at(pod({}), "volume", 0)).toEqual({
      name: "settings",
      secret: { secret_name: "market-data-1", default_mode: "0440" },
    });
  });

  test("trusts the authority beside its certificate where nobody else does", () => {
    const trusted = { name: "NODE_EXTRA_CA_CERTS", value: "/run/secrets/tls/ca.crt" };
    expect(env(pod({}))).not.toContainEqual(trusted);
    const certificate = { secretName: "bist-trading-tls", publiclyTrusted: false };
    expect(env(pod({ certificate }))).toContainEqual(trusted);
  });

  test("finds hosts that it is told of without DNS", () => {
    expect(pod({ hosts: { "user-api.bist-trading.com": "172.20.0.9" } })["host_aliases"]).toEqual([
      { hostnames: ["user-api.bist-trading.com"], ip: "172.20.0.9" },
    ]);
  });
});
