/** cdktf captures an unlimited stack trace for every token: without it, building stacks in tests is some 50 times faster. */
jest.mock("cdktf/lib/tokens/private/stack-trace", () => ({ captureStackTrace: () => [] }));
