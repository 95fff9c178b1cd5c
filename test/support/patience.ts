/** Real servers and compilers on a busy machine take their time; nothing asserts on it. */
jest.setTimeout(300_000);
