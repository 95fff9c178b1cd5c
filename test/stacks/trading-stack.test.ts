import { DeploymentV1 } from "@cdktf/provider-kubernetes/lib/deployment-v1";
import { HorizontalPodAutoscalerV2 } from "@cdktf/provider-kubernetes/lib/horizontal-pod-autoscaler-v2";
import { serviceKeys, services } from "../../app/packages/contract/services";
import { environment } from "../../config";
import { ClusterStack } from "../../stacks/cluster-stack";
import { DataStack } from "../../stacks/data-stack";
import { EdgeStack } from "../../stacks/edge-stack";
import { TradingStack } from "../../stacks/trading-stack";
import { anyNetwork } from "../support/any-network";
import { resources, testApp } from "../support/template";
import type { Block } from "../support/template";

function tradingOf(name: string) {
  const app = testApp();
  const settings = environment(name);
  return new TradingStack(app, settings, {
    cluster: new ClusterStack(app, settings, anyNetwork).outputs,
    data: new DataStack(app, settings, anyNetwork).outputs,
    edge: new EdgeStack(app, settings, anyNetwork).outputs,
  });
}

const production = tradingOf("production");

/** The container of each Deployment, by its name. */
const containers = Object.fromEntries(
  (resources(production, DeploymentV1) as unknown as Deployment[]).map(({ metadata, spec }) => [
    metadata.name,
    spec.template.spec.container[0],
  ]),
);

interface Deployment {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly template: { readonly spec: { readonly container: readonly [Container] } } };
}
interface Container extends Block {
  readonly env: readonly { readonly name: string; readonly value: string }[];
}

describe("the services", () => {
  test.each([
    ["user-management", "500m", "1Gi", "1000m", "2Gi", 60, 30],
    ["market-data", "1000m", "2Gi", "2000m", "4Gi", 90, 45],
    ["broker-integration", "500m", "1Gi", "1000m", "2Gi", 60, 30],
  ])(
    "%s has the guide's resources and probes in both colours",
    (name, cpu, memory, mostCpu, mostMemory, live, ready) => {
      for (const colour of ["blue", "green"]) {
        expect(containers[`${name}-service-${colour}`]).toMatchObject({
          resources: { requests: { cpu, memory }, limits: { cpu: mostCpu, memory: mostMemory } },
          liveness_probe: { initial_delay_seconds: live, period_seconds: 30 },
          readiness_probe: { initial_delay_seconds: ready, period_seconds: 10 },
        });
      }
    },
  );

  test("scale market-data by its use, and nothing else", () => {
    expect(resources(production, HorizontalPodAutoscalerV2)).toEqual(
      ["blue", "green"].map(
        (colour) =>
          expect.objectContaining({
            metadata: expect.objectContaining({ name: `market-data-hpa-${colour}` }) as unknown,
            spec: expect.objectContaining({ max_replicas: 20 }) as unknown,
          }) as unknown,
      ),
    );
  });

  test("are every service of the application, each on its own port", () => {
    expect(Object.keys(containers).sort()).toEqual(
      serviceKeys
        .flatMap((key) => [`${services[key].name}-service-blue`, `${services[key].name}-service-green`])
        .sort(),
    );
  });
});
