import { AcmCertificate } from "@cdktf/provider-aws/lib/acm-certificate";
import { AcmCertificateValidation } from "@cdktf/provider-aws/lib/acm-certificate-validation";
import { Route53Record } from "@cdktf/provider-aws/lib/route53-record";
import { Token } from "cdktf";
import { Construct } from "constructs";
import { check } from "../../support/check";

export interface CertificateProps {
  /** Every name that the certificate is for; the first is its common name. */
  readonly hosts: readonly string[];
  /**
   * Zone that proves the names, or a certificate for the same names in another region: ACM asks an account for the
   * same proof everywhere, so one set of records serves both.
   */
  readonly provenBy: { readonly zoneId: string } | Certificate;
}

/** A certificate that ACM issues and renews by itself, as long as the records that prove its names stay. */
export class Certificate extends Construct {
  /** Known only once the certificate is issued. */
  readonly arn: string;
  private readonly records: Route53Record | undefined;

  constructor(scope: Construct, id: string, { hosts, provenBy }: CertificateProps) {
    super(scope, id);
    const [domainName = "", ...others] = hosts;
    check(this, [[domainName !== "", "hosts is empty: a certificate needs at least one name"]]);

    const certificate = new AcmCertificate(this, "Resource", {
      domainName,
      subjectAlternativeNames: others,
      validationMethod: "DNS",
      keyAlgorithm: "EC_prime256v1",
      lifecycle: { createBeforeDestroy: true },
    });
    if (provenBy instanceof Certificate) {
      const validation = new AcmCertificateValidation(this, "Validation", {
        certificateArn: certificate.arn,
        dependsOn: provenBy.records === undefined ? [] : [provenBy.records],
      });
      this.arn = validation.certificateArn;
      return;
    }
    this.records = new Route53Record(this, "Proof", {
      zoneId: provenBy.zoneId,
      name: "${each.value.resource_record_name}",
      type: "${each.value.resource_record_type}",
      records: ["${each.value.resource_record_value}"],
      ttl: 300,
    });
    // cdktf's own iterator makes a list of the options first, whose keys Terraform cannot know before the apply.
    const options = `${certificate.fqn}.domain_validation_options`;
    this.records.addOverride("for_each", `\${{ for option in ${options} : option.domain_name => option }}`);
    const validation = new AcmCertificateValidation(this, "Validation", {
      certificateArn: certificate.arn,
      validationRecordFqdns: Token.asList(`\${[for record in ${this.records.fqn} : record.fqdn]}`),
    });
    this.arn = validation.certificateArn;
  }
}
