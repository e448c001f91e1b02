import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** The tests run the bundle, so it is built from the current sources first. */
export function setup(): void {
  const script = fileURLToPath(new URL("../../scripts/build.mjs", import.meta.url));
  execFileSync(process.execPath, [script], { stdio: ["ignore", "ignore", "inherit"] });
}
