import { closeLeftOver } from "./left-over";

/** Real servers on a busy machine take their time; nothing asserts on it. */
jest.setTimeout(120_000);

afterAll(closeLeftOver);
