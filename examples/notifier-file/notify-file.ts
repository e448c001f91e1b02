import { appendFile } from "node:fs/promises";
import type { Notifier, PluginModule } from "@agent-orchestrator/core/types";

export const manifest = {
  name: "file",
  slot: "notifier" as const,
  description: "Appends every notice to a file",
  version: "1.0.0",
};

/** `options` is everything in the config except `plugin`. */
export function create(options: { path?: string } = {}): Notifier {
  const { path } = options;
  if (path === undefined) throw new Error("the notifier `file` needs a `path`");
  return {
    // Any failure is thrown, so that `ao` knows that the user was not notified.
    async notify(event) {
      await appendFile(path, `${event.ts} ${event.priority}: ${event.message}\n`);
    },
  };
}

export default { manifest, create } satisfies PluginModule<Notifier>;
