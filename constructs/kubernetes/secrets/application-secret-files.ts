import { DataAwsSecretsmanagerSecretVersions } from "@cdktf/provider-aws/lib/data-aws-secretsmanager-secret-versions";
import { ExternalSecret } from "@kubernetes-models/external-secrets/external-secrets.io/v1/ExternalSecret";
import { SecretStore } from "@kubernetes-models/external-secrets/external-secrets.io/v1/SecretStore";
import { Fn, TerraformLocal } from "cdktf";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { serviceKeys } from "../../../app/packages/contract/services";
import { CustomObjects } from "../custom-objects/custom-objects";
import type { SecretReferences } from "../../aws/secrets/application-secrets";
import type { TimeSeries } from "../../../config/schema/time-series";
import { pascalCase } from "../../support/pascal-case";
import { copyNames, settingsOf } from "../../../config/secret-settings";
import type { Reader, Source } from "../../../config/secret-settings";

export interface ApplicationSecretFilesProps {
  readonly namespace: string;
  readonly region: string;
  readonly secrets: SecretReferences;
  /** ARN of the services' user of the cache. */
  readonly cache: string;
  /** ARN of the database's master user, which RDS keeps. */
  readonly databaseOwner: string;
  /** Where the environment keeps its time series. */
  readonly timeSeries: Pick<TimeSeries, "in">;
  /** The proxy before the broker, where there is one. */
  readonly brokerProxy?: { readonly authenticated: boolean } | undefined;
}

/** Files of one Kubernetes Secret, for the pods of one reader. */
export interface SecretFiles {
  readonly secretName: string;
  /** Names of the files, which are the application's variables. */
  readonly variables: readonly string[];
}

/**
 * RDS changes its owner's password by itself every week. Only jobs read it, anew in every run: their Secret need not
 * become another one.
 */
const ROTATED_BY_AWS: readonly Source[] = ["databaseOwner"];

/** Tells the value in force of `version` from earlier ones, in Terraform's words. */
const IN_FORCE = 'contains(version.version_stages, "AWSCURRENT")';

/** The SecretStore of the application's namespace. */
export const SECRET_STORE = "aws-secrets-manager";

/**
 * Copies of Secrets Manager's values in the namespace, one Secret for the pods of each reader with what it reads and
 * no more. A Secret's name carries a digest of the versions that it was made from: a changed secret is another Secret,
 * and whatever reads it starts anew, with the new value, at the next deploy.
 */
export class ApplicationSecretFiles extends Construct {
  /** What must be there before a pod that reads. */
  readonly ready: ITerraformDependable;
  private readonly files = new Map<Reader, SecretFiles>();
  private readonly versions = new Map<Source, string>();

  constructor(
    scope: Construct,
    id: string,
    private readonly props: ApplicationSecretFilesProps,
  ) {
    super(scope, id);
    const { namespace, region } = props;
    const store = new SecretStore({
      metadata: { name: SECRET_STORE, namespace },
      // The controller's own identity reads: the namespace holds no credentials of AWS.
      spec: { provider: { aws: { service: "SecretsManager", region } } },
    });
    const readers: readonly Reader[] = [
      ...serviceKeys,
      "databaseJobs",
      ...(this.hasTimescaledb ? (["timeSeriesJobs"] as const) : []),
    ];
    this.ready = new CustomObjects(this, "Objects", {
      releaseName: "application-secrets",
      namespace,
      objects: [store, ...readers.map((reader) => this.copyFor(reader))],
    }).release;
  }

  /** @throws Error when there is no such reader */
  of(reader: Reader): SecretFiles {
    const files = this.files.get(reader);
    if (files === undefined) throw new Error(`${this.node.path}: nothing is read by ${reader}`);
    return files;
  }

  private copyFor(reader: Reader): ExternalSecret {
    const settings = settingsOf(reader, {
      authenticatedProxy: this.props.brokerProxy?.authenticated === true,
      timescaledb: this.hasTimescaledb,
    });
    const name = copyNames[reader];
    const secretName = `${name}-${this.digest(settings.map(({ source }) => source))}`;
    this.files.set(reader, { secretName, variables: settings.map(({ variable }) => variable) });
    return new ExternalSecret({
      metadata: { name, namespace: this.props.namespace },
      spec: {
        refreshInterval: "5m",
        secretStoreRef: { kind: "SecretStore", name: SECRET_STORE },
        target: { name: secretName, creationPolicy: "Owner", deletionPolicy: "Retain" },
        data: settings.map(({ variable, source, property }) => ({
          secretKey: variable,
          remoteRef: { key: this.keyOf(source), property },
        })),
      },
    });
  }

  private get hasTimescaledb(): boolean {
    return this.props.timeSeries.in === "timescaledb";
  }

  private digest(sources: readonly Source[]): string {
    const followed = [...new Set(sources)].filter((source) => !ROTATED_BY_AWS.includes(source));
    const versions = followed.map((source) => this.versionOf(source));
    return Fn.substr(Fn.sha256(Fn.join(" ", versions)), 0, 10);
  }

  /** Name or ARN in Secrets Manager. */
  private keyOf(source: Source): string {
    if (source === "cache" || source === "databaseOwner") return this.props[source];
    const secret = this.props.secrets[source];
    if (secret === undefined) throw new Error(`${this.node.path}: the environment has no secret ${source}`);
    return secret.name;
  }

  /** Id of the value in force, which is no secret; a plan fails where nobody has put a value in. */
  private versionOf(source: Source): string {
    const known = this.versions.get(source);
    if (known !== undefined) return known;
    const secretId = this.keyOf(source);
    const data = new DataAwsSecretsmanagerSecretVersions(this, pascalCase(source, "versions"), {
      secretId,
      lifecycle: {
        postcondition: [
          {
            condition: `\${anytrue([for version in self.versions : ${IN_FORCE}])}`,
            errorMessage: `${secretId} has no value; put one in with: aws secretsmanager put-secret-value --secret-id ${secretId} --secret-string file://value.json`,
          },
        ],
      },
    });
    const version = new TerraformLocal(
      this,
      pascalCase(source, "version"),
      `\${one([for version in ${data.fqn}.versions : version.version_id if ${IN_FORCE}])}`,
    ).asString;
    this.versions.set(source, version);
    return version;
  }
}
