import { MissingTool } from "../../../../local/missing-tool";
import { findTerraform } from "../../../../local/terraform/terraform";

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
