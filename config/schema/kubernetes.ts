import { z } from "zod";

/** How the Kubernetes API of the environment is reached. */
export const kubernetes = z.discriminatedUnion("access", [
  z.strictObject({
    /** The environment's EKS cluster, with tokens of whoever runs Terraform. */
    access: z.literal("eks"),
  }),
  z.strictObject({
    /** A cluster on this machine. */
    access: z.literal("kubeconfig"),
    /** Below the project root. */
    file: z.string(),
    /** Named on purpose: the current context may be anybody's. */
    context: z.string(),
  }),
]);

export type KubernetesAccess = Readonly<z.infer<typeof kubernetes>>;
