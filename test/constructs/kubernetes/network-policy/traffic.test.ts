import { portOf } from "../../../../constructs/kubernetes/network-policy/traffic";

test.each([
  ["https://www.algolab.com.tr", 443],
  ["http://simulator", 80],
  ["http://127.0.0.1:9000/", 9000],
])("%s is reached on port %d", (address, port) => {
  expect(portOf(address)).toBe(port);
});
