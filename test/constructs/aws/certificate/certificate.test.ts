import { AcmCertificate } from "@cdktf/provider-aws/lib/acm-certificate";
import { AcmCertificateValidation } from "@cdktf/provider-aws/lib/acm-certificate-validation";
import { Route53Record } from "@cdktf/provider-aws/lib/route53-record";
import { Certificate } from "../../../../constructs/aws/certificate/certificate";
import { only, resources, testStack } from "../../../support/template";

const hosts = ["api.shop.test", "www.shop.test"];

describe("Certificate", () => {
  test("is for every host, and replaced before the old one goes", () => {
    const stack = testStack();
    new Certificate(stack, "Certificate", { hosts, provenBy: { zoneId: "Z1" } });
    expect(only(stack, AcmCertificate)).toEqual({
      domain_name: "api.shop.test",
      subject_alternative_names: ["www.shop.test"],
      validation_method: "DNS",
      key_algorithm: "EC_prime256v1",
      lifecycle: { create_before_destroy: true },
    });
  });

  test("proves each name by a record whose key Terraform knows before the apply", () => {
    const stack = testStack();
    new Certificate(stack, "Certificate", { hosts, provenBy: { zoneId: "Z1" } });
    expect(only(stack, Route53Record)).toMatchObject({
      for_each: expect.stringMatching(
        /^\$\{\{ for option in aws_acm_certificate\.\w+\.domain_validation_options : option\.domain_name => option \}\}$/,
      ) as string,
      zone_id: "Z1",
      name: "${each.value.resource_record_name}",
      records: ["${each.value.resource_record_value}"],
    });
    expect(only(stack, AcmCertificateValidation)["validation_record_fqdns"]).toMatch(
      /^\$\{\[for record in aws_route53_record\.\w+ : record\.fqdn\]\}$/,
    );
  });

  test("shares the proof of a certificate for the same names elsewhere", () => {
    const stack = testStack();
    const first = new Certificate(stack, "First", { hosts, provenBy: { zoneId: "Z1" } });
    new Certificate(stack, "Second", { hosts, provenBy: first });
    expect(resources(stack, Route53Record)).toHaveLength(1);
    const second = resources(stack, AcmCertificateValidation).find((validation) => "depends_on" in validation);
    expect(second?.["depends_on"]).toEqual([expect.stringMatching(/^aws_route53_record\.First_Proof/)]);
  });

  test("refuses to be for nobody", () => {
    expect(() => new Certificate(testStack(), "Certificate", { hosts: [], provenBy: { zoneId: "Z1" } })).toThrow(
      "hosts is empty",
    );
  });
});
