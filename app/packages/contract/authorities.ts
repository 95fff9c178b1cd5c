/** What a token may allow, and which role brings what. Imports nothing. */
export const authorities = [
  "market:read",
  "trading:read",
  "trading:place",
  "trading:modify",
  "trading:cancel",
  "portfolio:read",
  "orders:read",
  "users:manage",
] as const;
export type Authority = (typeof authorities)[number];

const trade = ["trading:read", "trading:place", "trading:modify", "trading:cancel"] as const;
const watch = ["market:read", "portfolio:read", "orders:read"] as const;

export const roleAuthorities = {
  /** Registered, allowed to look at the market only. */
  USER: ["market:read"],
  /** Has an account at the broker and looks at it. */
  CUSTOMER: [...watch, "trading:read"],
  TRADER: [...watch, ...trade],
  PROFESSIONAL_TRADER: [...watch, ...trade],
  RISK_MANAGER: [...watch, "trading:read", "trading:cancel"],
  COMPLIANCE_OFFICER: [...watch, "trading:read"],
  ADMIN: [...authorities],
} as const satisfies Record<string, readonly Authority[]>;

export type Role = keyof typeof roleAuthorities;
export const roles = Object.keys(roleAuthorities) as readonly Role[];

/** Every authority that the roles bring, without repetition, in the order of `authorities`. */
export const authoritiesOf = (granted: readonly Role[]): readonly Authority[] =>
  authorities.filter((authority) =>
    granted.some((role) => (roleAuthorities[role] as readonly Authority[]).includes(authority)),
  );
