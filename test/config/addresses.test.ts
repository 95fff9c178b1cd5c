import fc from "fast-check";
import { addressRange, cidrProblem, contains, overlap } from "../../config/schema/addresses";

const dotted = (address: number) => [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".");
const network = (address: number, prefix: number) =>
  `${dotted(address - (address % 2 ** (32 - prefix)))}/${String(prefix)}`;
const address = fc.nat(2 ** 32 - 1);
const networks = fc.tuple(address, fc.integer({ min: 0, max: 32 })).map(([from, prefix]) => network(from, prefix));

describe("a network in CIDR notation", () => {
  test("is right when its address is the network's own", () => {
    fc.assert(
      fc.property(networks, (value) => {
        expect(cidrProblem(value)).toBeUndefined();
      }),
    );
  });

  test("is wrong when its address lies inside the network, and the right one is named", () => {
    const inside = fc
      .tuple(fc.integer({ min: 1, max: 31 }), address, address)
      .map(([prefix, from, offset]) => ({ prefix, from, at: offset % 2 ** (32 - prefix) }))
      .filter(({ at }) => at > 0);
    fc.assert(
      fc.property(inside, ({ prefix, from, at }) => {
        const right = network(from, prefix);
        const [first] = addressRange(right);
        expect(cidrProblem(`${dotted(first + at)}/${String(prefix)}`)).toBe(
          `is an address inside a network; use the network, ${right}`,
        );
      }),
    );
  });

  test.each(["10.0.0.0", "10.0.0/16", "10.0.0.0/16 ", "ten/8", "", "10.0.0.0/-1", "1e1.0.0.0/8", "::/0"])(
    "is not %j",
    (value) => {
      expect(cidrProblem(value)).toMatch(/^is not a network; use CIDR notation/);
    },
  );

  test.each(["10.0.256.0/24", "999.0.0.0/8", "10.0.0.0/33"])("is out of range as %j", (value) => {
    expect(cidrProblem(value)).toMatch(/^is out of range/);
  });
});

describe("networks", () => {
  test("overlap exactly when an address is in both, whichever is named first", () => {
    fc.assert(
      fc.property(networks, networks, address, (one, other, probe) => {
        expect(overlap(one, other)).toBe(overlap(other, one));
        const host = `${dotted(probe)}/32`;
        if (contains(one, host) && contains(other, host)) expect(overlap(one, other)).toBe(true);
        // Two networks either nest or are apart.
        expect(overlap(one, other)).toBe(contains(one, other) || contains(other, one));
      }),
    );
  });

  test("contain their own halves, and each half lies apart from the other", () => {
    const divisible = fc.tuple(address, fc.integer({ min: 0, max: 31 }));
    fc.assert(
      fc.property(divisible, ([from, prefix]) => {
        const whole = network(from, prefix);
        const [first, last] = addressRange(whole);
        const lower = network(first, prefix + 1);
        const upper = network(last, prefix + 1);
        expect([contains(whole, lower), contains(whole, upper), overlap(lower, upper)]).toEqual([true, true, false]);
        expect(contains(lower, whole)).toBe(false);
      }),
    );
  });

  test("span the addresses that the guide's VPC has", () => {
    expect(addressRange("10.0.0.0/16")).toEqual([167_772_160, 167_837_695]);
  });
});
