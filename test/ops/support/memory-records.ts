import { Unreachable } from "../../../ops/core/outcome";
import type { Records } from "../../../ops/core/records";

/** Records in memory. @param unwritable part of what cannot be written */
export function memoryRecords(unwritable = "nothing is unwritable"): Records {
  const stored = new Map<string, { text: string; version: string }>();
  let versions = 0;
  return {
    read: (key) => Promise.resolve(stored.get(key)),
    list: (prefix) => Promise.resolve([...stored.keys()].filter((key) => key.startsWith(prefix)).sort()),
    write: (key, text, since) => {
      if (text.includes(unwritable)) return Promise.reject(new Unreachable("the bucket does not answer"));
      if (stored.get(key)?.version !== since) return Promise.resolve(undefined);
      versions += 1;
      stored.set(key, { text, version: String(versions) });
      return Promise.resolve(String(versions));
    },
  };
}
