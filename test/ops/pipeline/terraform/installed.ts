import { MissingTool } from "../../../../lib/missing-tool";
import { findTerraform } from "../../../../lib/terraform/terraform";

/** Why Terraform cannot run on this machine, without any provider; undefined where it can. */
export function terraformInstalled(): string | undefined {
  try {
    findTerraform([]);
    return undefined;
  } catch (error) {
    if (error instanceof MissingTool) return error.message;
    throw error;
  }
}
