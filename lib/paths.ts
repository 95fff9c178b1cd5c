import { join } from "node:path";
import { projectRoot } from "./project-root";

export { projectRoot };

/** What the local platform keeps on this machine; not part of the repository. */
export const localFolder = join(projectRoot, ".local");
