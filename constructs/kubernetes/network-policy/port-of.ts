/** The port that an address is reached on. */
export function portOf(address: string): number {
  const { port, protocol } = new URL(address);
  if (port !== "") return Number(port);
  return protocol === "https:" ? 443 : 80;
}
