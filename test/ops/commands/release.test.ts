import { FakeApplication } from "../support/application";
import { Harness } from "../support/harness";
import { worldMissing } from "../support/world";
import { describeWhere } from "../../support/skip";

describeWhere(worldMissing(), "a release", () => {
  const application = new FakeApplication();
  let harness: Harness;
  let image: string;

  beforeAll(async () => {
    harness = new Harness(await application.listen());
    image = await harness.image("second");
  });
  beforeEach(async () => {
    application.broken = undefined;
    await harness.reset();
  });
  afterAll(() => application.close());

  test("takes the idle colour live at the live one's number of pods, and the old one's away", async () => {
    const { code, answer, told } = await harness.ops(`release ${image}`);
    expect(told).toContain("give green 10 % of the requests");
    expect([code, answer]).toEqual([0, expect.objectContaining({ outcome: "done" })]);
    expect(await harness.platform.release.read()).toEqual({
      schema: 1,
      live: "green",
      images: { blue: await harness.image("first"), green: image },
      weights: { blue: 0, green: 100 },
    });
    expect(await harness.platform.loadBalancer.weights()).toEqual([{ blue: 0, green: 100 }]);
    expect(harness.pods()).toMatchObject({
      "user-management-service-green": { wanted: 2, image },
      "market-data-service-green": { wanted: 3, image },
      "broker-integration-service-green": { wanted: 1, image },
      "user-management-service-blue": { wanted: 0 },
      "market-data-service-blue": { wanted: 0 },
      "broker-integration-service-blue": { wanted: 0 },
    });
    expect(application.requests.map(({ colour }) => colour)).toContain("green");
  });
});
