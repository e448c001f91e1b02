// Bundles the command line as two CommonJS files. Node loads them without its module loader, which costs as much as a short
// command itself, and compiles only the first for `ao status --json`, the command that scripts and prompts ask for most.
import { createHash } from "node:crypto";
import { basename, join } from "node:path";
import { build, transform } from "esbuild";

/** Sources whose chunks, with what they import statically, are in the first file. */
const FIRST = [/cli\/src\/(entry|main)\.ts$/, /cli\/src\/commands\/status\.ts$/];

/** CommonJS has no `import.meta.url`. */
const OWN_URL = "const __aoUrl=require('node:url').pathToFileURL(__filename).href;";

/** `overrides` are further options of esbuild. Returns `{path, text}` of each file; the last is the program. */
export async function bundleCommandLine({ entry, outdir, overrides = {} }) {
  const { outputFiles, metafile } = await build({
    entryPoints: { ao: entry },
    outdir,
    bundle: true,
    splitting: true,
    write: false,
    metafile: true,
    format: "esm",
    platform: "node",
    target: "node20",
    conditions: ["source"],
    outExtension: { ".js": ".cjs" },
    minifySyntax: true,
    // Whitespace is a third of what Node reads to answer one command.
    minifyWhitespace: true,
    keepNames: true,
    legalComments: "none",
    ...overrides,
    define: { ...overrides.define, "import.meta.url": "__aoUrl" },
  });
  const first = firstOf(metafile.outputs);
  const chunks = await Promise.all(outputFiles.map(toCommonJs));
  const rest = tableOf(
    chunks.filter(({ name }) => !first.has(name)),
    { isCalled: false },
  );
  const table = tableOf(
    chunks.filter(({ name }) => first.has(name)),
    { isCalled: true },
  );
  const restText = `"use strict";${OWN_URL}module.exports=${rest};\n`;
  const restName = `ao-more-${createHash("sha256").update(restText).digest("hex").slice(0, 8).toUpperCase()}.cjs`;
  return [
    { path: join(outdir, restName), text: restText },
    { path: join(outdir, "ao.cjs"), text: programOf(table, restName) },
  ];
}

function firstOf(outputs) {
  const found = new Set();
  const follow = (path) => {
    if (found.has(basename(path))) return;
    found.add(basename(path));
    for (const { path: next, kind } of outputs[path].imports)
      if (kind === "import-statement" && outputs[next]) follow(next);
  };
  for (const [path, { entryPoint }] of Object.entries(outputs)) {
    if (FIRST.some((source) => source.test(entryPoint ?? ""))) follow(path);
  }
  return found;
}

async function toCommonJs({ path, text }) {
  const { code } = await transform(text, {
    format: "cjs",
    platform: "node",
    target: "node20",
    minifySyntax: true,
    minifyWhitespace: true,
    supported: { "dynamic-import": false },
  });
  return { name: basename(path), code };
}

/** A function for each chunk. Parentheses tell V8 that it will be called: it compiles it at once instead of reading it twice. */
function tableOf(chunks, { isCalled }) {
  const [open, close] = isCalled ? ["(", ")"] : ["", ""];
  const rows = chunks.map(
    ({ name, code }) => `${JSON.stringify(name)}:${open}function(module,exports,require){${code}}${close}`,
  );
  return `{${rows.join(",\n")}}`;
}

const programOf = (table, restName) => `"use strict";${OWN_URL}
const chunks=${table};
const loaded=new Map();
function load(name){
  const known=loaded.get(name);
  if(known!==undefined)return known.exports;
  if(chunks[name]===undefined)Object.assign(chunks,require("./${restName}"));
  const module={exports:{}};
  loaded.set(name,module);
  chunks[name](module,module.exports,(id)=>id.startsWith("./")?load(id.slice(2)):require(id));
  return module.exports;
}
load("ao.cjs");
`;
