import type { AlertGroup } from "./alert";

/** Certificates of 90 days are renewed 30 days before their end: half of that time has passed without. */
const REMAINING_SECONDS = 15 * 24 * 60 * 60;

export const certificateAlerts: AlertGroup = {
  name: "certificates",
  alerts: [
    {
      name: "CertificateNearExpiry",
      expression:
        "min by (namespace, name) (certmanager_certificate_expiration_timestamp_seconds)" +
        ` - time() < ${REMAINING_SECONDS}`,
      forMinutes: 60,
      severity: "warning",
      summary: "{{ $labels.namespace }}/{{ $labels.name }} ends in {{ $value | humanizeDuration }} and was not renewed",
    },
  ],
};
