/** Exit code of a check that cannot run on this machine; the last line that it prints says why. */
export const CANNOT_RUN = 77;
