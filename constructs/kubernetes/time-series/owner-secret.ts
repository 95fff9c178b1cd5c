import { ExternalSecret } from "@kubernetes-models/external-secrets/external-secrets.io/v1/ExternalSecret";
import { TIME_SERIES } from "../../../config/names";
import type { CustomObject } from "../custom-objects/custom-objects";
import { SECRET_STORE } from "../secrets/application-secret-files";
import { RELOADED } from "./certificates";

/** Secret with the owner's name and password. */
export const OWNER_SECRET = `${TIME_SERIES}-owner`;

/**
 * A copy of the owner's password from Secrets Manager, as the operator reads it: a new password is the role's within
 * minutes.
 */
export function ownerSecret(namespace: string, username: string, secretName: string): CustomObject {
  return new ExternalSecret({
    metadata: { name: OWNER_SECRET, namespace },
    spec: {
      refreshInterval: "5m",
      secretStoreRef: { kind: "SecretStore", name: SECRET_STORE },
      target: {
        name: OWNER_SECRET,
        creationPolicy: "Owner",
        deletionPolicy: "Retain",
        template: {
          type: "kubernetes.io/basic-auth",
          metadata: { labels: RELOADED },
          data: { username, password: "{{ .password }}" },
        },
      },
      data: [{ secretKey: "password", remoteRef: { key: secretName, property: "password" } }],
    },
  });
}
