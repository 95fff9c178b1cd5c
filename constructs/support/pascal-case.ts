/** Words as one construct id: `pascalCase("userManagement", "blue")` is `UserManagementBlue`. */
export function pascalCase(...words: readonly string[]): string {
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
}
