import { ruleOf } from "../../../../app/packages/kit/http/rate-limits";

describe("the rate limit of a path", () => {
  test.each([
    ["/api/auth/login", "auth", 10, 10],
    ["/api/v1/auth/login", "auth", 10, 10],
    ["/api/orders", "orders", 50, 50],
    ["/api/v1/orders/1", "orders", 50, 50],
    ["/api/v1/broker/orders", "orders", 50, 50],
    ["/api/v1/authors", "default", 100, 200],
    ["/api/v1/users/profile", "default", 100, 200],
    ["/", "default", 100, 200],
  ])("%s is the guide's: %s", (path, name, rate, capacity) => {
    expect(ruleOf(path)).toMatchObject({ name, rate, capacity, windowMs: 60_000 });
  });
});
