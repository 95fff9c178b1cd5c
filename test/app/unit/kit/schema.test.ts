import { Type } from "typebox";
import { typeboxValidator } from "../../../../app/packages/kit/http/schema";

const schema = Type.Object({
  limit: Type.Optional(Type.Integer({ minimum: 1 })),
  live: Type.Optional(Type.Boolean()),
  symbol: Type.Optional(Type.String()),
});
const validate = typeboxValidator({ schema, httpPart: "querystring", method: "GET", url: "/" });

describe("a request's parameters", () => {
  test.each([
    [{ limit: "50" }, { limit: 50 }],
    [{ live: "true" }, { live: true }],
    [{ symbol: "1" }, { symbol: "1" }],
  ])("of %j are %j", (texts, value) => {
    expect(validate(texts)).toEqual({ value });
  });

  test("hold no NUL, which the database could not take", () => {
    expect(validate({ symbol: "A\0" })).toMatchObject({ error: { status: 400 } });
    expect(validate({ unknown: ["\0"] })).toMatchObject({ error: { status: 400 } });
  });

  test.each([{ limit: "true" }, { limit: "" }, { limit: "1.5" }, { limit: "0" }, { live: "1" }, { live: "" }])(
    "of %j are refused: text becomes only what it is written as",
    (texts) => {
      expect(validate(texts)).toMatchObject({ error: { status: 400 } });
    },
  );
});
