import { join } from "node:path";
import { localFolder, projectRoot } from "../../lib/paths";
import { pythonEnvironment } from "../python-environment";

/**
 * The Python that runs the emulator.
 *
 * @param announce called once when its environment has to be made, which takes some 20 seconds
 * @throws MissingTool when Python, its venv module or the packages cannot be had
 */
export function emulatorPython(announce: () => void = () => undefined): string {
  return pythonEnvironment({
    owner: "The AWS emulator",
    requirements: join(projectRoot, "local/emulator/requirements.txt"),
    folder: join(localFolder, "emulator"),
    announce,
  });
}
