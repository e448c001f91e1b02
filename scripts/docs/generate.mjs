// Generates everything in docs/ and schema/ that comes from the source.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { root } from "../lib.mjs";
import {
  COMMANDS,
  commandIndex,
  exportsOf,
  inOrder,
  REQUESTS,
  requestIndex,
  requestTable,
  requestTraits,
} from "./found.mjs";
import { pluginWords } from "./plugin-words.mjs";
import { errorTable, eventTable, replaceGenerated, statusTable } from "./reference.mjs";

const SOURCES = `
  export { configSchemaText, withKeyTables } from "./packages/daemon/src/config/reference.ts";
  export { ERROR_CODES } from "./packages/core/src/model/errors.ts";
  export { notificationSchemaText } from "./packages/core/src/model/notification.ts";
  export { EVENT_MEANING, EVENT_PRIORITY } from "./packages/core/src/model/event.ts";
  export { STATUS_RULES } from "./packages/core/src/decide/status.ts";
  export { BUILTIN, EMBEDDED_DEFAULTS } from "./packages/daemon/src/builtin.ts";
  export { commandPages } from "./packages/cli/src/output/command-pages.ts";
  export { bashScript } from "./packages/cli/src/output/completion-bash.ts";
  export { fishScript } from "./packages/cli/src/output/completion-fish.ts";
  export { zshScript } from "./packages/cli/src/output/completion-zsh.ts";
  export { GROUP_TITLES } from "./packages/cli/src/output/help.ts";
`;

/** Loads also what is found by folder: the sources of the declarations, not the index of them. */
const FOUND = () =>
  exportsOf(REQUESTS, { member: "request", as: "requests" }) + exportsOf(COMMANDS, { member: "spec", as: "specs" });

/** Of plugins only the manifests are needed. */
const manifestsOnly = {
  name: "manifests-only",
  setup({ onResolve }) {
    onResolve({ filter: /^@agent-orchestrator\/[a-z-]+$/ }, ({ path }) => ({ path, external: true }));
  },
};

/** What is generated may be stale, or not there yet. Nothing that is loaded here needs it. */
const withoutIndexes = {
  name: "without-indexes",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\/(table|handlers|request-traits)\.ts$/ }, ({ path }) => ({ path, namespace: "index" }));
    onLoad({ filter: /.*/, namespace: "index" }, () => ({ contents: "module.exports = {}" }));
  },
};

/** The sources' own tables, bundled and loaded. */
async function load() {
  const dir = mkdtempSync(join(tmpdir(), "ao-docs-"));
  try {
    const outfile = join(dir, "sources.mjs");
    await build({
      stdin: { contents: SOURCES + FOUND(), resolveDir: root, loader: "ts" },
      outfile,
      bundle: true,
      platform: "node",
      format: "esm",
      conditions: ["source"],
      plugins: [manifestsOnly, withoutIndexes],
      banner: { js: "import{createRequire as __r}from'node:module';const require=__r(import.meta.url);" },
      define: { __AO_BUILD__: '"docs"', __AO_VERSION__: '"docs"' },
      logLevel: "error",
    });
    return await import(pathToFileURL(outfile).href);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** The golden files that a test compares with what `ao completion` prints. */
function completions({ bashScript, fishScript, zshScript }, commands) {
  const shown = commands.flatMap(({ spec }) => (spec.isHidden === true ? [] : [spec]));
  return Object.entries({ bash: bashScript, fish: fishScript, zsh: zshScript }).map(([shell, script]) => {
    return [`packages/cli/src/fixtures/completion.${shell}`, script(shown)];
  });
}

/** Path in the repository → its content. */
export async function generatedFiles() {
  const sources = await load();
  const { requests } = sources;
  const commands = inOrder(sources.specs, Object.keys(sources.GROUP_TITLES));
  const page = (path) => readFileSync(join(root, path), "utf8");
  const within = (path, change) => [path, replaceGenerated(page(path), change)];
  return new Map([
    ["schema/config.schema.json", sources.configSchemaText()],
    ["schema/notification.schema.json", sources.notificationSchemaText()],
    ["packages/cli/src/output/plugin-words.ts", pluginWords(sources)],
    ["packages/daemon/src/handlers.ts", requestIndex()],
    ["packages/cli/src/connect/request-traits.ts", requestTraits(requests)],
    ["packages/cli/src/table.ts", commandIndex(commands)],
    ...completions(sources, commands),
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
    within("docs/requests.md", {
      name: "requests",
      from: "the files of packages/daemon/src/handlers",
      text: requestTable(requests),
    }),
    ...Object.entries(sources.commandPages(commands.map(({ spec }) => spec))).map(([name, text]) => [
      `docs/commands/${name}`,
      text,
    ]),
  ]);
}
