// Writes schema/config.schema.json and the key tables of docs/config.md from the zod schemas.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dir = mkdtempSync(join(tmpdir(), "ao-generate-"));
try {
  const outfile = join(dir, "reference.mjs");
  await build({
    entryPoints: [join(root, "packages/daemon/src/config/reference.ts")],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    conditions: ["source"],
  });
  const { configSchemaText, withKeyTables } = await import(pathToFileURL(outfile).href);
  const page = join(root, "docs/config.md");
  writeFileSync(join(root, "schema/config.schema.json"), configSchemaText());
  writeFileSync(page, withKeyTables(readFileSync(page, "utf8")));
} finally {
  rmSync(dir, { recursive: true, force: true });
}
