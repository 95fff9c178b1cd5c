/** A claim on the default storage class, as an operator's custom object takes it. */
export function volumeClaim(storageGiB: number) {
  return {
    volumeClaimTemplate: {
      spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: `${storageGiB}Gi` } } },
    },
  };
}
