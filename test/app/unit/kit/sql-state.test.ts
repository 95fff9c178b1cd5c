import { DatabaseError } from "pg";
import { sqlState, violates } from "../../../../app/packages/kit/database/database";

const ofServer = (code: string, constraint?: string) =>
  Object.assign(new DatabaseError("refused", 0, "error"), { code, constraint });

test("a server's error has a SQLSTATE", () => {
  expect(sqlState(ofServer("55P03"))).toBe("55P03");
  expect(violates(ofServer("23505", "users_email_key"), "users_email_key")).toBe(true);
  expect(violates(ofServer("23505", "another"), "users_email_key")).toBe(false);
});

test.each(["EPIPE", "EBUSY", "ECONNRESET", "ETIMEDOUT"])("%s of a connection is none", (code) => {
  expect(sqlState(Object.assign(new Error("write failed"), { code }))).toBeUndefined();
});
