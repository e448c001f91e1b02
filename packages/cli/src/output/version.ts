import { readFileSync } from "node:fs";
import { VERSION } from "@agent-orchestrator/core/protocol/build";

/** `ao 1.2.3 (fb4a3e7)`, from the file that the build writes next to the bundle. */
export function versionLine(): string {
  try {
    return readFileSync(new URL("./version.txt", import.meta.url), "utf8").trimEnd();
  } catch {
    return `ao ${VERSION}`; // The bundle alone, as in tests.
  }
}
