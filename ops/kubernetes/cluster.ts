/** One Deployment, as far as a release has to do with it. */
export interface Workload {
  readonly image: string;
  /** Pods that are wanted. */
  readonly wanted: number;
  /** Pods of the newest template that are ready. */
  readonly ready: number;
  /** Whether nothing but the pods wanted is there, all of the newest template and ready. */
  readonly settled: boolean;
  /** Why it will never settle, where Kubernetes has given up. */
  readonly trouble?: string;
}

export interface Pod {
  readonly name: string;
  readonly ready: boolean;
}

export interface Autoscaler {
  readonly min: number;
  readonly max: number;
  /** Pods that it wants now. */
  readonly current: number;
}

/** How a Job differs from what it is like. */
export interface JobChange {
  readonly image?: string;
  readonly args?: readonly string[];
  /** Variables beside those that are there, or in their place. */
  readonly env?: Readonly<Record<string, string>>;
  /** Variables that are kept in a Secret, which goes with the Job. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Addresses of host names in its pods, whatever others find under them. */
  readonly hosts?: Readonly<Record<string, string>>;
}

export type JobState = { readonly is: "running" | "succeeded" } | { readonly is: "failed"; readonly log: string };

/**
 * The application's namespace. Every method throws `Unreachable` while the API server does not answer, and names what
 * is missing when it is not there.
 */
export interface Cluster {
  workload(name: string): Promise<Workload>;
  /** Sets what is given and leaves the rest. */
  change(name: string, wanted: { readonly image?: string; readonly replicas?: number }): Promise<void>;
  /** Replaces every pod, a few at a time. @param stamp the same one a second time changes nothing */
  restart(name: string, stamp: string): Promise<void>;
  /** Pods of a Deployment, but those that are ending. */
  pods(deployment: string): Promise<readonly Pod[]>;
  /** Ends a pod at once, as the loss of its machine does. Does nothing when it is gone. */
  kill(pod: string): Promise<void>;
  /** Undefined where the Deployment's number of pods is fixed. */
  autoscaler(name: string): Promise<Autoscaler | undefined>;
  setAutoscalerMinimum(name: string, min: number): Promise<void>;
  /**
   * Runs a Job that is like the CronJob of that name, or else like the newest of those whose pods are labelled
   * `app: <like>`, but for what is given. Does nothing when a Job of that name is there already.
   */
  startJob(name: string, like: string, otherwise: JobChange): Promise<void>;
  job(name: string): Promise<JobState>;
  /** The last lines that the Job's newest pod wrote. */
  log(job: string): Promise<string>;
  /**
   * Values that the Secrets which External Secrets made for a reader hold under a key: several after deploys that
   * named them anew.
   *
   * @param reader name of the ExternalSecret
   */
  secretCopies(reader: string, key: string): Promise<readonly string[]>;
  /** What the ready pods of a Deployment serve at a path of their HTTPS port; without those that serve nothing there. */
  ask(deployment: string, port: number, path: string): Promise<readonly string[]>;
}
