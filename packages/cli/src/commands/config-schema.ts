import { readFileSync } from "node:fs";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { CommandSpec, Run } from "../command.ts";

export const spec: CommandSpec = {
  name: "config schema",
  group: "set-up",
  position: 90,
  summary: "Print the JSON schema of the config, for editors",
  examples: [["ao config schema > config.schema.json", "then point your editor to it"]],
};

/** In the package, or at the top of a checkout. */
const PLACES = ["../schema/config.schema.json", "../../../schema/config.schema.json"];

export const run: Run = async (_input, context) => {
  const text = PLACES.map(read).find((found) => found !== null);
  if (text === undefined || text === null)
    throw new AoError("UNAVAILABLE", "config.schema.json is missing from this installation");
  context.show(JSON.parse(text), () => ({ verbatim: text }));
  return 0;
};

function read(place: string): string | null {
  try {
    return readFileSync(new URL(place, import.meta.url), "utf8");
  } catch {
    return null; // the other place is tried next
  }
}
