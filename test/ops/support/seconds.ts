/** Kubernetes's times have no fractions. */
export const second = (time: Date) => `${time.toISOString().slice(0, 19)}Z`;
