import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { makeTempDir, removeDir } from "@agent-orchestrator/testkit/temp-dir";
import { build } from "esbuild";

/** Builds the attach client as the distribution does. Returns its folder, which the caller removes. */
export async function buildHelpers(): Promise<{ dir: string; remove(): void }> {
  const here = join(dirname(fileURLToPath(import.meta.url)), "..");
  const dir = makeTempDir("ao-helpers");
  await build({
    entryPoints: [join(here, "docker-attach-entry.ts")],
    outdir: dir,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    conditions: ["source"],
  });
  return { dir, remove: () => removeDir(dir) };
}
