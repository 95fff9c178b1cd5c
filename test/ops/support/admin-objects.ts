import type { Kind, KubernetesObject, Objects } from "../../../ops/kubernetes/objects";

/** Objects as a controller has them, which writes what they are beside what they should be. */
export interface AdminObjects extends Objects {
  /** Sets fields of the status, as a merge does. */
  report(kind: Kind, name: string, status: object): Promise<void>;
}

/** Who owns an object, and takes it along. */
export const ownedBy = ({ apiVersion, kind, metadata }: KubernetesObject) => ({
  ownerReferences: [{ apiVersion, kind, name: metadata.name, uid: String(metadata["uid"]), controller: true }],
});
