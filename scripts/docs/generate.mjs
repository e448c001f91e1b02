// Generates everything in docs/ and schema/ that comes from the source.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { root } from "../lib.mjs";
import { pluginWords } from "./plugin-words.mjs";
import { errorTable, eventTable, replaceGenerated, statusTable } from "./reference.mjs";

const SOURCES = `
  export { configSchemaText, withKeyTables } from "./packages/daemon/src/config/reference.ts";
  export { ERROR_CODES } from "./packages/core/src/model/errors.ts";
  export { EVENT_MEANING, EVENT_PRIORITY } from "./packages/core/src/model/event.ts";
  export { STATUS_RULES } from "./packages/core/src/decide/status.ts";
  export { BUILTIN, EMBEDDED_DEFAULTS } from "./packages/daemon/src/builtin.ts";
  export { COMMANDS } from "./packages/cli/src/table/index.ts";
  export { commandPages } from "./packages/cli/src/output/command-pages.ts";
`;

/** Of plugins only the manifests are needed. */
const manifestsOnly = {
  name: "manifests-only",
  setup({ onResolve }) {
    onResolve({ filter: /^@agent-orchestrator\/[a-z-]+$/ }, ({ path }) => ({ path, external: true }));
  },
};

/** The sources' own tables, bundled and loaded. */
async function load() {
  const dir = mkdtempSync(join(tmpdir(), "ao-docs-"));
  try {
    const outfile = join(dir, "sources.mjs");
    await build({
      stdin: { contents: SOURCES, resolveDir: root, loader: "ts" },
      outfile,
      bundle: true,
      platform: "node",
      format: "esm",
      conditions: ["source"],
      // The commands themselves are not needed.
      external: ["../commands/*"],
      plugins: [manifestsOnly],
      banner: { js: "import{createRequire as __r}from'node:module';const require=__r(import.meta.url);" },
      define: { __AO_BUILD__: '"docs"', __AO_VERSION__: '"docs"' },
      logLevel: "error",
    });
    return await import(pathToFileURL(outfile).href);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Path in the repository → its content. */
export async function generatedFiles() {
  const sources = await load();
  const page = (path) => readFileSync(join(root, path), "utf8");
  const within = (path, change) => [path, replaceGenerated(page(path), change)];
  return new Map([
    ["schema/config.schema.json", sources.configSchemaText()],
    ["packages/cli/src/output/plugin-words.ts", pluginWords(sources)],
    ["docs/config.md", sources.withKeyTables(page("docs/config.md"))],
    within("docs/errors.md", {
      name: "codes",
      from: "packages/core/src/model/errors.ts",
      text: errorTable(sources.ERROR_CODES),
    }),
    within("docs/events.md", {
      name: "events",
      from: "packages/core/src/model/event.ts",
      text: eventTable({ priorities: sources.EVENT_PRIORITY, meanings: sources.EVENT_MEANING }),
    }),
    within("docs/slots/lifecycle.md", {
      name: "statuses",
      from: "packages/core/src/decide/status.ts",
      text: statusTable(sources.STATUS_RULES),
    }),
    ...Object.entries(sources.commandPages(sources.COMMANDS)).map(([name, text]) => [`docs/commands/${name}`, text]),
  ]);
}
