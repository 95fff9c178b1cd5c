const closers: (() => Promise<unknown> | undefined)[] = [];

/**
 * Closes something after the tests of this file, whatever came of them: what is left open keeps jest from ending.
 * `close` may follow a close by the test itself.
 */
export function closeAfterTests(close: () => Promise<unknown> | undefined): void {
  closers.push(close);
}

/** Closes what was opened last first. */
export async function closeLeftOver(): Promise<void> {
  for (const close of closers.splice(0).reverse()) await close();
}
