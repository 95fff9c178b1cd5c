/** A key for simulators of tests and of one machine: 32 bytes that are plainly not random, so that nobody takes it for a secret. */
export const testApiKey = `API-${Buffer.alloc(32, "simulator").toString("base64")}`;
