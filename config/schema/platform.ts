import { z } from "zod";
import { optOut } from "./values";

/** Where Helm charts are taken from. */
const charts = z.discriminatedUnion("from", [
  z.strictObject({
    /** Each chart's own repository. */
    from: z.literal("publishers"),
  }),
  z.strictObject({
    /** One repository that holds copies of all of them. */
    from: z.literal("repository"),
    address: z.string().regex(/^(https|oci):\/\/\S+$/, "is not a repository; start it with https:// or oci://"),
  }),
  z.strictObject({
    /** A folder of unpacked charts, each named as the chart. */
    from: z.literal("folder"),
    /** Below the project root. */
    path: z.string().regex(/^(?!\/)\S+$/, "is not a folder below the project root"),
  }),
  z.strictObject({
    /** No chart is installed: the cluster has the custom kinds, and no controller that acts on them. */
    from: z.literal("nowhere"),
    ...optOut.shape,
  }),
]);

/** Who signs the certificates between the load balancer and pods. */
const authority = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("acme"),
    server: z.url({ protocol: /^https$/, error: "is not an address that starts with https://" }),
    /** Who is told about certificates that were not renewed. */
    email: z.email("is not an email address"),
  }),
  z.strictObject({
    /** One that cert-manager makes in the cluster and that nobody else trusts. */
    kind: z.literal("own"),
  }),
]);

export const platform = z.strictObject({ charts, authority });

export type Charts = Readonly<z.infer<typeof charts>>;
export type Authority = Readonly<z.infer<typeof authority>>;
