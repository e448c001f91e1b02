import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** The tests run what is built: it is built from the sources as they are now. */
export function setup(): void {
  const script = fileURLToPath(new URL("../../scripts/build.mjs", import.meta.url));
  execFileSync(process.execPath, [script], { stdio: ["ignore", "ignore", "inherit"] });
}
