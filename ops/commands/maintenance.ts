import { Argument, InvalidArgumentError } from "commander";
import { serviceKeys, services } from "../../app/packages/contract/services";
import type { ServiceKey } from "../../app/packages/contract/services";
import { imageByDigest } from "../aws/registry";
import { operation } from "../core/command";
import type { Command } from "../core/command";
import { patchSteps, planPatch } from "../maintenance/patch";
import type { PatchPlan } from "../maintenance/patch";
import { planScale, scaleSteps, serviceCalled } from "../maintenance/scale";
import type { ScalePlan } from "../maintenance/scale";
import { planUpdate, updateSteps } from "../maintenance/update";
import type { UpdatePlan } from "../maintenance/update";
import { maintenanceSteps } from "../maintenance/window";

const explanation =
  "The platform is closed meanwhile: traders read the maintenance page, administrators that name a colour get through. " +
  "When the work fails it is taken back; the page goes off if the platform is healthy then, and stays on with an alarm " +
  "if it is not.";

const update = operation<{ readonly image: string }, UpdatePlan>({
  name: "maintenance update",
  summary: "Replaces the live pods by those of another image, with the maintenance page on",
  explanation: `For what \`release\` cannot do beside live traffic. ${explanation}`,
  arguments: [new Argument("<image>", "<repository>@sha256:<digest>").argParser(imageByDigest)],
  examples: [{ line: "maintenance update <image> --env staging", description: "the live colour runs the image" }],
  plan: (context, { image }) => planUpdate(context, image),
  steps: (plan, context) => maintenanceSteps("maintenance update", plan.live, updateSteps(plan, context), context),
  answer: ({ image, live }) => ({ lines: [`${live} runs ${image}.`], data: { live, image } }),
});

const patch = operation<object, PatchPlan>({
  name: "maintenance patch",
  summary: "Replaces the cluster's machines by patched ones, with the maintenance page on",
  explanation: `Every node group gets the newest machine image of its Kubernetes version. ${explanation}`,
  examples: [
    { line: "maintenance patch --env staging", description: "machines group by group, then every pod afresh" },
  ],
  plan: (context) => planPatch(context),
  steps: (plan, context) => maintenanceSteps("maintenance patch", plan.live, patchSteps(plan, context), context),
  answer: ({ nodeGroups }) => ({ lines: [`Patched: ${nodeGroups.join(", ")}.`], data: { nodeGroups } }),
});

interface Target {
  readonly service: ServiceKey;
  readonly replicas: number;
}

const scale = operation<{ readonly target: Target }, ScalePlan>({
  name: "maintenance scale",
  summary: "Changes the number of a service's pods, with the maintenance page on",
  explanation:
    "The number stands in the release parameter from then on: deploys and releases keep to it. Where an autoscaler " +
    `decides, it is the fewest that it may go down to. ${explanation}`,
  arguments: [new Argument("<target>", `<service>=<pods>; ${names()}`).argParser(target)],
  examples: [{ line: "maintenance scale market-data=8 --env staging", description: "for a day that will be busy" }],
  plan: (context, { target: { service, replicas } }) => planScale(context, service, replicas),
  steps: (plan, context) => maintenanceSteps("maintenance scale", plan.live, scaleSteps(plan, context), context),
  answer: ({ service, replicas }) => ({
    lines: [`${services[service].name} has ${replicas} pods.`],
    data: { service, replicas },
  }),
});

function target(text: string): Target {
  const [name = "", number = ""] = text.split("=");
  const service = serviceCalled(name);
  const replicas = Number(number);
  if (service !== undefined && Number.isInteger(replicas) && replicas > 0) return { service, replicas };
  throw new InvalidArgumentError(`Use <service>=<pods>, for example market-data=8; the services are ${names()}.`);
}

function names(): string {
  return serviceKeys.map((key) => services[key].name).join(", ");
}

export const maintenanceCommands: readonly Command[] = [update, patch, scale];
