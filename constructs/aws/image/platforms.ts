import { isGraviton } from "../../../config/schema/cluster";

/** What an image has to run on: always the machines of whoever builds it, and Graviton where a node group is. */
export function platformsOf(nodeGroups: Readonly<Record<string, { readonly instanceTypes: readonly string[] }>>) {
  const arm = Object.values(nodeGroups).some(({ instanceTypes }) => instanceTypes.some(isGraviton));
  return ["linux/amd64", ...(arm ? ["linux/arm64"] : [])];
}
