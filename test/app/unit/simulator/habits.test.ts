import { defaultHabits, habitChoices, habits, habitsOf, readHabits } from "../../../../app/packages/simulator/habits";
import type { Habits } from "../../../../app/packages/simulator/habits";

const everyValue = Object.entries(habitChoices).flatMap(([name, values]) =>
  values.map((value) => `${name} ${JSON.stringify(value)}`),
);
const valuesOf = (sets: readonly Habits[]) =>
  new Set(sets.flatMap((set) => Object.entries(set).map(([name, value]) => `${name} ${JSON.stringify(value)}`)));

describe("habits", () => {
  test("begin with the best-evidenced and hold every value in few sets", () => {
    expect(habits[0]).toEqual(defaultHabits);
    expect(habits).toHaveLength(8);
    expect(everyValue.filter((value) => !valuesOf(habits).has(value))).toEqual([]);
  });

  test("of two values do not all change together", () => {
    const patterns = Object.entries(habitChoices)
      .filter(([, values]) => values.length === 2)
      .map(([name]) => habits.map((set) => set[name as keyof Habits] === defaultHabits[name as keyof Habits]).join());
    expect(new Set(patterns).size).toBe(7);
  });

  test("drawn for the seeds of 200 runs hold every value, and are the same for the same seed", () => {
    const drawn = Array.from({ length: 200 }, (_, seed) => habitsOf(seed));
    expect(everyValue.filter((value) => !valuesOf(drawn).has(value))).toEqual([]);
    expect(habitsOf(7)).toEqual(drawn[7]);
  });

  test.each([
    [{ riskForm: "table" }, /riskForm is one of \["list","object"\]/],
    [{ noSuchHabit: 1 }, /noSuchHabit/],
    [["riskForm"], /expected record/],
  ])("that are none, as %j, are named", (chosen, problem) => {
    expect(() => readHabits(chosen)).toThrow(problem);
  });
});
