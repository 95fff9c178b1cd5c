import { Tokenization } from "cdktf";

/**
 * The Terraform references that make up one shared value, or `undefined` for an object or a list to look into.
 * A value that is known at synthesis has none.
 */
export function referencesIn(value: unknown): readonly string[] | undefined {
  if (typeof value === "object" && value !== null) return undefined;
  if (typeof value === "string") return Tokenization.reverseString(value).tokens.flatMap(identifierOf);
  if (typeof value === "number" && Tokenization.isResolvable(value)) {
    return identifierOf(Tokenization.reverseNumber(value));
  }
  return [];
}

/** cdktf's plain references carry the expression that they stand for. */
function identifierOf(token: unknown): readonly string[] {
  return typeof token === "object" && token !== null && "identifier" in token && typeof token.identifier === "string"
    ? [token.identifier]
    : [];
}
