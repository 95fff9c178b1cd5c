import { describeWhere } from "../../support/skip";
import { FakeApplication } from "../support/application";
import { Harness } from "../support/harness";
import { testEnvironmentMissing } from "../support/test-environment";

describeWhere(testEnvironmentMissing(), "a roll-back", () => {
  const application = new FakeApplication();
  let harness: Harness;
  let first: string;
  let second: string;

  beforeAll(async () => {
    harness = new Harness(await application.listen());
    [first, second] = [await harness.image("first"), await harness.image("second")];
  });
  beforeEach(() => harness.reset());
  afterAll(() => application.close());

  const release = (more = "") => harness.ops(`release ${second} --weights 100 --soak 0${more}`);

  test("gives the requests back at once while the previous colour still stands", async () => {
    await release(" --keep-previous");
    expect(harness.pods()["user-management-service-blue"]?.wanted).toBe(2);
    const { code, stderr } = await harness.ops("rollback");
    expect([code, stderr]).toEqual([0, expect.not.stringContaining("prepare the database")]);
    expect(await harness.platform.loadBalancer.weights()).toEqual([{ blue: 100, green: 0 }]);
    expect(await harness.platform.release.read()).toEqual({
      schema: 1,
      live: "blue",
      images: { blue: first, green: second },
      weights: { blue: 100, green: 0 },
    });
    expect(harness.pods()).toMatchObject({
      "user-management-service-blue": { wanted: 2 },
      "user-management-service-green": { wanted: 0 },
    });
  });

  test("releases the previous image again once its pods are gone", async () => {
    await release();
    const { code, answer } = await harness.ops("rollback --soak 0");
    expect([code, answer.answer]).toEqual([0, { live: "blue", image: first }]);
    expect(await harness.platform.loadBalancer.weights()).toEqual([{ blue: 100, green: 0 }]);
    expect(harness.pods()["market-data-service-blue"]).toEqual({ wanted: 3, image: first });
  });

  test("of the first release of all is refused: nothing was live before", async () => {
    const { code, answer } = await harness.ops("rollback");
    expect([code, answer.reason]).toEqual([3, expect.stringContaining("there is no image to go back to")]);
  });
});
