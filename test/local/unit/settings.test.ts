import { readSettings } from "../../../local/settings";

describe("the settings", () => {
  test("are the usual ports of this machine unless told otherwise", () => {
    expect(readSettings({})).toEqual({
      emulatorPort: 4566,
      serversHost: "127.0.0.1",
      kubernetesPort: 16_443,
      realPods: false,
      machineBases: false,
    });
  });

  test("come from the environment", () => {
    const environment = {
      EMULATOR_PORT: "4567",
      LOCAL_SERVERS_HOST: "127.0.0.2",
      LOCAL_KUBERNETES_PORT: "6443",
      LOCAL_PODS: "real",
      IMAGE_BASES: "machine",
    };
    expect(readSettings(environment)).toEqual({
      emulatorPort: 4567,
      serversHost: "127.0.0.2",
      kubernetesPort: 6443,
      realPods: true,
      machineBases: true,
    });
  });

  test("are refused all at once, with what would be right", () => {
    expect(() => readSettings({ EMULATOR_PORT: "http", LOCAL_PODS: "some" })).toThrow(
      'LOCAL_PODS "some" is unknown; leave it out, or use "real"\nEMULATOR_PORT "http" is not a port; use a number',
    );
  });
});
