/** An object of any kind, as the API server has it: times are texts. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly [field: string]: unknown;
  };
  readonly [field: string]: unknown;
}

/** A kind of object. */
export interface Kind {
  readonly apiVersion: string;
  readonly kind: string;
  /** Whether its objects are in no namespace. @default false */
  readonly clusterWide?: boolean;
}

/**
 * Objects of any kind: those of the application's namespace, and those that are in none. Every method throws
 * `Unreachable` while the API server does not answer.
 */
export interface Objects {
  /** Undefined where there is none of that name, or nothing of that kind can be. */
  find(kind: Kind, name: string): Promise<KubernetesObject | undefined>;
  /** @param labels that they have, all of them */
  list(kind: Kind, labels?: Readonly<Record<string, string>>): Promise<readonly KubernetesObject[]>;
  /** Does nothing where one of that name is there. */
  create(object: KubernetesObject): Promise<void>;
  /** Sets what is given and leaves the rest; what is null goes. */
  merge(kind: Kind, name: string, change: object): Promise<void>;
  /** With everything that belongs to it. Does nothing when it is gone. */
  delete(kind: Kind, name: string): Promise<void>;
}
