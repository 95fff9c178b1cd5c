import { GetParameterCommand, ParameterNotFound, PutParameterCommand } from "@aws-sdk/client-ssm";
import type { SSMClient } from "@aws-sdk/client-ssm";
import { formatReleaseState, parseReleaseState } from "../../config/schema/release-state";
import type { ReleaseState } from "../../config/schema/release-state";
import { releaseParameterName } from "../../config/names";
import { refused } from "../core/outcome";

/** What is released, as deploys and this tool agree on it. */
export class ReleaseParameter {
  constructor(
    private readonly ssm: SSMClient,
    private readonly prefix: string,
  ) {}

  /** @throws OperationError with `refused` where the platform was never deployed */
  async read(): Promise<ReleaseState> {
    const Name = releaseParameterName(this.prefix);
    try {
      const { Parameter } = await this.ssm.send(new GetParameterCommand({ Name }));
      return parseReleaseState(Parameter?.Value ?? "");
    } catch (error) {
      if (error instanceof ParameterNotFound) {
        throw refused(`There is no parameter ${Name}: deploy the stack "edge" first, which creates it`);
      }
      throw error;
    }
  }

  async write(state: ReleaseState): Promise<void> {
    const Name = releaseParameterName(this.prefix);
    await this.ssm.send(
      new PutParameterCommand({ Name, Value: formatReleaseState(state), Type: "String", Overwrite: true }),
    );
  }
}
