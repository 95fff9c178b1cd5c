/** Something that must be installed on this machine first; the message says what, and how. */
export class MissingTool extends Error {}

/** Exit code of a check that cannot run on this machine; the last line that it prints says why. */
export const CANNOT_RUN = 77;
