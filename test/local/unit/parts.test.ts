import { parts, Usage, wantedParts } from "../../../local/parts";

const names = (...args: string[]) => wantedParts(args).map(({ name }) => name);

describe("npm start", () => {
  test("brings up every part, unless told which", () => {
    expect(names()).toEqual(parts.map(({ name }) => name));
    expect(names("--only", "application")).toEqual(["application"]);
    expect(names("--only", "application,aws")).toEqual(["aws", "application"]);
  });

  test.each([[["--only"]], [["--only", "everything"]], [["--only", "aws", "application"]], [["aws"]]])(
    "says how it is used when asked for %j",
    (args) => {
      expect(() => wantedParts(args)).toThrow(Usage);
      expect(() => wantedParts(args)).toThrow(/usage: npm start[\s\S]*aws, .*application/);
    },
  );
});
