#!/usr/bin/env node
// Writes docs/commands/*.md from the command table. `--check` only says whether they are stale.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { root } from "./lib.mjs";

/** The table's own modules, bundled in memory: Node does not load TypeScript everywhere. */
async function commandPages() {
  const result = await build({
    absWorkingDir: root,
    stdin: {
      contents:
        'export { commandPages } from "./packages/cli/src/output/command-pages.ts"; export { COMMANDS } from "./packages/cli/src/table/index.ts";',
      resolveDir: root,
      loader: "ts",
    },
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
    conditions: ["source"],
    // The commands themselves are not needed.
    external: ["../commands/*"],
    banner: { js: "import{createRequire as __r}from'node:module';const require=__r(import.meta.url);" },
  });
  const code = Buffer.from(result.outputFiles[0].text.replaceAll("import.meta.url", JSON.stringify(import.meta.url)));
  const { commandPages: pages, COMMANDS } = await import(`data:text/javascript;base64,${code.toString("base64")}`);
  return pages(COMMANDS);
}

const folder = join(root, "docs/commands");
const pages = await commandPages();
mkdirSync(folder, { recursive: true });
const present = readdirSync(folder).filter((name) => name.endsWith(".md"));
const stale = [
  ...Object.entries(pages)
    .filter(([name, text]) => !present.includes(name) || readFileSync(join(folder, name), "utf8") !== text)
    .map(([name]) => name),
  ...present.filter((name) => !(name in pages)),
];
if (process.argv.includes("--check")) {
  if (stale.length > 0)
    console.error(`stale: ${stale.map((name) => `docs/commands/${name}`).join(", ")}; run \`pnpm docs\``);
  process.exit(stale.length > 0 ? 1 : 0);
}
for (const name of present.filter((candidate) => !(candidate in pages))) rmSync(join(folder, name));
for (const [name, text] of Object.entries(pages)) writeFileSync(join(folder, name), text);
console.log(stale.length === 0 ? "docs/commands: nothing has changed" : `docs/commands: wrote ${stale.join(", ")}`);
