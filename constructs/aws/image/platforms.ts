import { isGraviton } from "../../../config/schema/cluster";

/** The platforms that an image is built for: x86 always, and Graviton where a node group runs on it. */
export function platformsOf(nodeGroups: Readonly<Record<string, { readonly instanceTypes: readonly string[] }>>) {
  const arm = Object.values(nodeGroups).some(({ instanceTypes }) => instanceTypes.some(isGraviton));
  return ["linux/amd64", ...(arm ? ["linux/arm64"] : [])];
}
