import type { Rule } from "../rule";
import * as cluster from "./cluster";
import * as databaseAndCache from "./database-and-cache";
import * as network from "./network";
import * as storage from "./storage";
import * as workloads from "./workloads";

const subjects: readonly Readonly<Record<string, Rule>>[] = [storage, databaseAndCache, network, cluster, workloads];
const byNumber = new Intl.Collator("en", { numeric: true });

/** Every security rule, by its id: whatever a file of a subject exports. */
export const rules: readonly Rule[] = subjects
  .flatMap((subject) => Object.values(subject))
  .sort((one, other) => byNumber.compare(one.id, other.id));
