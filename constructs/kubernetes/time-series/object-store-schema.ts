/**
 * What an ObjectStore may say, of the fields that this project uses: no package describes the kind. Source:
 * cloudnative-pg/plugin-barman-cloud, config/crd/bases/barmancloud.cnpg.io_objectstores.yaml, v0.13.0.
 */
export const objectStoreSpec = {
  type: "object",
  required: ["configuration"],
  properties: {
    configuration: {
      type: "object",
      required: ["destinationPath"],
      properties: {
        destinationPath: { type: "string", minLength: 1 },
        s3Credentials: { type: "object", properties: { inheritFromIAMRole: { type: "boolean" } } },
        data: {
          type: "object",
          properties: {
            compression: { type: "string", enum: ["bzip2", "gzip", "lz4", "snappy"] },
            jobs: { type: "integer", minimum: 1 },
          },
        },
        wal: {
          type: "object",
          properties: {
            compression: { type: "string", enum: ["bzip2", "gzip", "lz4", "snappy", "xz", "zstd"] },
            maxParallel: { type: "integer", minimum: 1 },
          },
        },
      },
    },
    instanceSidecarConfiguration: {
      type: "object",
      properties: {
        env: {
          type: "array",
          items: {
            type: "object",
            required: ["name"],
            properties: { name: { type: "string" }, value: { type: "string" } },
          },
        },
        resources: { type: "object", properties: { requests: { type: "object" }, limits: { type: "object" } } },
      },
    },
    retentionPolicy: { type: "string", pattern: "^[1-9][0-9]*[dwm]$" },
  },
} as const;
