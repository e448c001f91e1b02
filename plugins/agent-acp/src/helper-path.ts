import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { PluginContext } from "@agent-orchestrator/core/slots/common";

const HOST = "acp-host-entry.js";

/** Where the host is: where the context says, else next to this module or its bundle, else in the build of this checkout. */
export function hostPath(context?: Pick<PluginContext, "programsDir">): string {
  const here = fileURLToPath(new URL(".", import.meta.url));
  const places = [context?.programsDir, here, join(here, "../../../packages/cli/dist")];
  const found = places.flatMap((place) => (place === undefined ? [] : [join(place, HOST)])).find(existsSync);
  if (found !== undefined) return found;
  throw new AoError("PLUGIN", `${HOST} is missing from this installation of ao`, {
    hint: "Install ao again (in a checkout: npm run build).",
  });
}
