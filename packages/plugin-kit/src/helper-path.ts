import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { PluginContext } from "@agent-orchestrator/core/slots/common";

/**
 * Where the small programs of a plugin are: where the context says, else next to its module (or its bundle), else, when
 * run from source, in the build of this checkout. `near`: the plugin's `import.meta.url`.
 */
export function helperPath(helper: string, near: string, context?: Pick<PluginContext, "programsDir">): string {
  const here = fileURLToPath(new URL(".", near));
  const places = [context?.programsDir, here, join(here, "../../../packages/cli/dist")].filter(
    (place) => place !== undefined,
  );
  const found = places.map((place) => join(place, helper)).find((path) => existsSync(path));
  if (found !== undefined) return found;
  throw new AoError("PLUGIN", `${helper} is missing from this installation of ao`, {
    hint: "Install ao again (in a checkout: npm run build).",
    details: { places },
  });
}
