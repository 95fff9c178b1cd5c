import { readPort } from "../../lib/read-port";

const PORT = { name: "EMULATOR_PORT", byDefault: 4566 };

function read(text?: string): { readonly port: number; readonly problems: readonly string[] } {
  const problems: string[] = [];
  return { port: readPort({ EMULATOR_PORT: text }, PORT, problems), problems };
}

describe("a port by its variable", () => {
  test.each([undefined, "", "  "])("is the default for %j", (text) => {
    expect(read(text)).toEqual({ port: 4566, problems: [] });
  });

  test.each([
    ["1", 1],
    ["65535", 65_535],
    [" 4567\n", 4567],
  ])("is %j as it is written", (text, port) => {
    expect(read(text)).toEqual({ port, problems: [] });
  });

  test.each(["0", "65536", "-1", "0x11d6", "4566.0", "1e3", "port", "45 66"])("is not %j", (text) => {
    expect(read(text).problems).toEqual([`EMULATOR_PORT "${text}" is not a port; use a number from 1 to 65535`]);
  });
});
