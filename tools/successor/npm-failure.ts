/** Errors of the network between npm and its registry, as npm and Node name them. */
const UNREACHABLE: ReadonlySet<string> = new Set([
  "EAI_AGAIN",
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTCACHED",
  "ENOTFOUND",
  "ERR_SOCKET_TIMEOUT",
  "ETIMEDOUT",
]);

/**
 * The code of a failure that says that the registry was not reached; undefined for any other failure, a package or a
 * version that is not there included.
 *
 * @param stderr of npm
 */
export function unreachableRegistry(stderr: string): string | undefined {
  const code = /^npm (?:error|ERR!) code (\S+)$/m.exec(stderr)?.[1];
  return code !== undefined && UNREACHABLE.has(code) ? code : undefined;
}
