import type { AppsV1Api, AutoscalingV2Api, BatchV1Api, CoreV1Api, KubernetesObjectApi } from "@kubernetes/client-node";
import { networkLimits } from "../../app/packages/contract/network-limits";
import { messageOf, Unreachable } from "../core/outcome";

/** The parts of the client library that are used. */
export interface Apis {
  readonly apps: AppsV1Api;
  readonly autoscaling: AutoscalingV2Api;
  readonly batch: BatchV1Api;
  readonly core: CoreV1Api;
  /** Objects of any kind. */
  readonly objects: KubernetesObjectApi;
  /** Option of a request that patches what it names and leaves the rest. */
  readonly merging: Parameters<AppsV1Api["patchNamespacedDeployment"]>[1];
  /** The same of an object of any kind: lists are replaced whole, and what is null goes. */
  readonly mergePatch: Parameters<KubernetesObjectApi["patch"]>[5];
}

const { answerMs } = networkLimits.kubernetes;

/** Requests about one namespace, with errors in an operator's words. */
export class NamespaceApi {
  constructor(
    private readonly connect: () => Promise<Apis>,
    readonly namespace: string,
  ) {}

  /** How requests name an object. */
  at(name: string) {
    return { name, namespace: this.namespace };
  }

  /** Like {@link call}, with undefined for what is not there. */
  async find<T>(request: (apis: Apis) => Promise<T>): Promise<T | undefined> {
    return this.request(request).catch((error: unknown) => {
      if (codeOf(error) === 404) return undefined;
      throw error;
    });
  }

  /** @throws Error that names what is not there @throws Unreachable when there is no answer */
  async call<T>(what: string, request: (apis: Apis) => Promise<T>): Promise<T> {
    return this.request(request).catch((error: unknown) => {
      if (codeOf(error) !== 404) throw error;
      throw new Error(`There is no ${what} in ${this.namespace}: deploy the stack "trading" first`);
    });
  }

  private async request<T>(request: (apis: Apis) => Promise<T>): Promise<T> {
    const apis = await this.connect();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new Unreachable(`the Kubernetes API did not answer within ${answerMs / 1_000} s`));
      }, answerMs);
    });
    try {
      return await Promise.race([request(apis), late]);
    } catch (error) {
      const code = codeOf(error);
      // Whatever carries no answer's code never got one.
      if (error instanceof Unreachable || (code !== undefined && code < 500 && code !== 429)) throw error;
      throw new Unreachable(`the Kubernetes API does not answer: ${reasonOf(error)}`, { cause: error });
    } finally {
      clearTimeout(timer);
    }
  }
}

/** HTTP status of the API server's refusal. */
function codeOf(error: unknown): number | undefined {
  const { code } = error as { readonly code?: unknown };
  return typeof code === "number" ? code : undefined;
}

/** The network's own words are in the cause. */
function reasonOf(error: unknown): string {
  const { cause } = error as { readonly cause?: unknown };
  return cause instanceof Error ? cause.message : (messageOf(error).split("\n")[0] ?? "");
}
