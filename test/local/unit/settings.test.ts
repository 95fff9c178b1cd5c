import { readSettings } from "../../../local/settings";

describe("the settings", () => {
  test("are the usual ports of this machine unless told otherwise", () => {
    expect(readSettings({})).toEqual({ emulatorPort: 4566, serversHost: "127.0.0.1", kubernetesPort: 16_443 });
  });

  test("come from the environment", () => {
    const environment = { EMULATOR_PORT: "4567", LOCAL_SERVERS_HOST: "127.0.0.2", LOCAL_KUBERNETES_PORT: "6443" };
    expect(readSettings(environment)).toEqual({ emulatorPort: 4567, serversHost: "127.0.0.2", kubernetesPort: 6443 });
  });

  test("are refused all at once, with what would be right", () => {
    expect(() => readSettings({ EMULATOR_PORT: "http", LOCAL_KUBERNETES_PORT: "70000" })).toThrow(
      'EMULATOR_PORT "http" is not a port; use a number from 1 to 65535\nLOCAL_KUBERNETES_PORT "70000" is not a port',
    );
  });
});
