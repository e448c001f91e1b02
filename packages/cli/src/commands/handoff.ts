import { AoError } from "@agent-orchestrator/core/model/errors";
import type { Run } from "../command.ts";

export const run: Run = async () => {
  throw new AoError("UNAVAILABLE", "`ao handoff` comes with the agent plugins, none of which is installed", {
    hint: "Until then: `ao attach` the session and type.",
  });
};
