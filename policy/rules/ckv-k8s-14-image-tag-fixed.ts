import { containerRule } from "../pods";
import { known } from "../rule";

/** Every image has a tag other than latest, or a digest. CKV_K8S_14. */
export const imageTagFixed = containerRule(
  {
    id: "CKV_K8S_14",
    title: "Every image has a tag other than latest, or a digest",
    remedy: "name the image by its digest or by a tag that never moves",
  },
  ({ image }) => /@sha256:[0-9a-f]{64}$|:(?!latest$)[^/:@]+$/.test(known(image) ?? ""),
);
