import { getPriority } from "node:os";
import { run } from "../../tools/test/run";

const node = (script: string) => [process.execPath, "-e", script];

describe("a command of the tests", () => {
  test("is waited for, and what it printed is kept", async () => {
    expect(await run(node("console.log('one'); console.error('two'); process.exitCode = 3"))).toMatchObject({
      exitCode: 3,
      output: expect.stringMatching(/one\n[\s\S]*two|two\n[\s\S]*one/) as string,
    });
  });

  test("gives way to others as far as it is told", async () => {
    const { output } = await run(node("setTimeout(() => console.log(os.getPriority()), 100)"), { niceness: 5 });
    expect(Number(output)).toBe(getPriority() + 5);
  });

  test("that has done its work and leaves something open is ended, and that is a failure", async () => {
    const { exitCode, output } = await run(node("console.log('1 passed'); setInterval(() => {}, 1000)"), {
      isDone: () => true,
      lingerMs: 1_000,
    });
    expect(exitCode).toBe(1);
    expect(output).toMatch(/had done its work and did not end/);
  });
});
