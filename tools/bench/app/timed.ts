/** Milliseconds that something took. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

/** Milliseconds of each of ten times as many runs; the first one does not count. */
export async function repeated(runs: number, work: () => Promise<unknown>): Promise<number[]> {
  const times: number[] = [];
  for (let run = 0; run <= 10 * runs; run++) times.push(await timed(work));
  return times.slice(1);
}

/** The same of two works in turns, after what each turn needs. */
export async function inTurns(
  runs: number,
  ours: () => Promise<unknown>,
  reference: () => Promise<unknown>,
  prepare: () => Promise<unknown> = () => Promise.resolve(),
): Promise<{ readonly ours: readonly number[]; readonly reference: readonly number[] }> {
  const times = { ours: [] as number[], reference: [] as number[] };
  for (let run = 0; run <= 10 * runs; run++) {
    await prepare();
    times.ours.push(await timed(ours));
    times.reference.push(await timed(reference));
  }
  return { ours: times.ours.slice(1), reference: times.reference.slice(1) };
}
