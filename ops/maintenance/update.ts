import type { ServiceKey } from "../../app/packages/contract/services";
import type { Colour, ReleaseState } from "../../config/schema/release-state";
import type { Step } from "../core/command";
import type { Context } from "../core/context";
import { runBootstrap } from "../release/bootstrap";
import { ReleaseHistory } from "../release/history";
import type { Migration } from "../release/migrations";
import { bootstrapJobName, imagesOf, migrationsFor } from "../release/plan";
import { eachService, settled } from "../release/pods";

export interface UpdatePlan {
  readonly image: string;
  readonly live: Colour;
  /** The release parameter as it was. */
  readonly before: ReleaseState;
  /** Images of the live Deployments, to be put back. */
  readonly images: Readonly<Record<ServiceKey, string>>;
  readonly migrations: readonly Migration[];
  readonly job: string;
}

/** @throws OperationError with `refused` when the image may not be taken */
export async function planUpdate(context: Context, image: string): Promise<UpdatePlan> {
  const { platform, clock } = context;
  const migrations = await migrationsFor(context, image);
  const before = await platform.release.read();
  const images = await imagesOf(context, before.live);
  return { image, live: before.live, before, images, migrations, job: bootstrapJobName(clock) };
}

/** Replaces the live colour's pods by ones of another image, a few at a time. */
export function updateSteps({ image, live, before, images, migrations, job }: UpdatePlan, context: Context): Step[] {
  const { platform, records, clock } = context;
  const history = new ReleaseHistory(records);
  const roll = (imageOf: (key: ServiceKey) => string) =>
    eachService(context, live, (key, name) => platform.cluster.change(name, { image: imageOf(key) }));
  return [
    {
      name: "bootstrap",
      description: "prepare the database with the new image",
      run: async () => {
        const said = await runBootstrap(context, job, image);
        await history.keepDatabase(migrations);
        return said;
      },
    },
    {
      name: "announce",
      description: "write the new image into the release parameter",
      run: () =>
        platform.release.write({ ...before, images: { ...before.images, [live]: image } }).then(() => undefined),
      undo: () => platform.release.write(before),
    },
    {
      name: "roll out",
      description: `replace the pods of ${live}, a few at a time`,
      run: async () => {
        await roll(() => image);
        const pods = await settled(context, live);
        const releasedAt = clock.now().toISOString();
        await history.keepImage({ image, migrations: [...migrations], releasedAt });
        return pods;
      },
      undo: () => roll((key) => images[key]),
    },
  ];
}
