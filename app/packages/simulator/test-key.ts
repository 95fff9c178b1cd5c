/** A key for simulators of tests and of one machine: 32 bytes that are plainly not random, so that it is not mistaken for a secret. */
export const testApiKey = `API-${Buffer.alloc(32, "simulator").toString("base64")}`;
