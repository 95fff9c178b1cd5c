import type { NamespaceApi } from "./namespace-api";
import type { Kind, KubernetesObject, Objects } from "./objects";

/** Objects as a Kubernetes API server has them. */
export class ApiObjects implements Objects {
  constructor(private readonly api: NamespaceApi) {}

  async find(kind: Kind, name: string): Promise<KubernetesObject | undefined> {
    const found = await this.api.find(({ objects }) => known(objects.read(this.header(kind, name))));
    return found && plain(found);
  }

  async list(kind: Kind, labels: Readonly<Record<string, string>> = {}): Promise<readonly KubernetesObject[]> {
    const { apiVersion, kind: name, clusterWide = false } = kind;
    const namespace = clusterWide ? undefined : this.api.namespace;
    const selector = Object.entries(labels)
      .map(([key, value]) => `${key}=${value}`)
      .join(",");
    const found = await this.api.find(({ objects }) =>
      known(objects.list(apiVersion, name, namespace, undefined, undefined, undefined, undefined, selector)),
    );
    // An item of a list does not say of what kind it is.
    return (found?.items ?? []).map((item) => ({ ...plain(item), apiVersion, kind: name }));
  }

  async create(object: KubernetesObject): Promise<void> {
    const { apiVersion, kind, metadata } = object;
    if ((await this.find({ apiVersion, kind }, metadata.name)) !== undefined) return;
    const placed = { ...object, metadata: { ...metadata, namespace: this.api.namespace } };
    await this.api.call(kind, ({ objects }) => known(objects.create(placed)));
  }

  async merge(kind: Kind, name: string, change: object): Promise<void> {
    const header = this.header(kind, name);
    const { metadata = {}, ...rest } = change as { readonly metadata?: object };
    const body = { ...header, ...rest, metadata: { ...header.metadata, ...metadata } };
    await this.api.call(`${kind.kind} ${name}`, ({ objects, mergePatch }) =>
      known(objects.patch(body, undefined, undefined, undefined, undefined, mergePatch)),
    );
  }

  async delete(kind: Kind, name: string): Promise<void> {
    await this.api.find(({ objects }) =>
      known(objects.delete(this.header(kind, name), undefined, undefined, undefined, undefined, "Background")),
    );
  }

  private header({ apiVersion, kind, clusterWide = false }: Kind, name: string) {
    return { apiVersion, kind, metadata: clusterWide ? { name } : this.api.at(name) };
  }
}

/** The library finds out by itself that a kind is not there, which is an answer, and throws an error without a status. */
async function known<T>(request: Promise<T>): Promise<T> {
  try {
    return await request;
  } catch (error) {
    if (error instanceof Error && error.message.startsWith("Unrecognized API version and kind")) {
      throw Object.assign(error, { code: 404 });
    }
    throw error;
  }
}

/** The library's models have times as dates. */
const plain = (object: object): KubernetesObject => JSON.parse(JSON.stringify(object)) as KubernetesObject;
