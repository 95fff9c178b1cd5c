/** First and last address of a network as unsigned 32-bit numbers. */
export function addressRange(network: string): readonly [first: number, last: number] {
  const [address = "", prefix = ""] = network.split("/");
  const first = address.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0);
  return [first, first + 2 ** (32 - Number(prefix)) - 1];
}

/** Bits that name the network: 24 of `10.0.1.0/24`. */
export function prefixLength(network: string): number {
  return Number(network.split("/")[1]);
}

/** What is wrong with a network in CIDR notation and what would be right; `undefined` when nothing is. */
export function cidrProblem(value: string): string | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(value);
  if (match === null) return "is not a network; use CIDR notation, for example 10.0.1.0/24";
  const octets = match.slice(1, 5).map(Number);
  const prefix = Number(match[5]);
  if (octets.some((octet) => octet > 255) || prefix > 32) {
    return "is out of range; octets go to 255 and prefixes to /32";
  }
  const [first] = addressRange(value);
  const size = 2 ** (32 - prefix);
  if (first % size === 0) return undefined;
  return `is an address inside a network; use the network, ${dotted(first - (first % size))}/${prefix}`;
}

/** Whether every address of `inner` is one of `outer`. */
export function contains(outer: string, inner: string): boolean {
  const [outerFirst, outerLast] = addressRange(outer);
  const [innerFirst, innerLast] = addressRange(inner);
  return outerFirst <= innerFirst && innerLast <= outerLast;
}

/** Whether two networks share an address. */
export function overlap(one: string, other: string): boolean {
  const [oneFirst, oneLast] = addressRange(one);
  const [otherFirst, otherLast] = addressRange(other);
  return oneFirst <= otherLast && otherFirst <= oneLast;
}

function dotted(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".");
}
