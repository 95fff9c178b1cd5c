/** Something that must be installed on this machine first; the message says what, and how. */
export class MissingTool extends Error {}
