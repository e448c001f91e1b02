#!/usr/bin/env node
// Builds the whole program into packages/cli/dist: the command line, an ESM bundle for each other entry, and their chunks.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { bundleCommandLine } from "./command-line.mjs";
import { versionOf, writeVersion } from "./version.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const dist = join(root, "packages/cli/dist");

/** These stay real dependencies of packages/cli: they are native, or load files from their own folder. */
const EXTERNAL = ["fs-native-extensions", "@lydell/node-pty", "node-notifier", "jiti"];

/** Output name → source. Missing sources are left out. The programs of a plugin or package are its `*-entry.ts`. */
export function entries(folder = root) {
  const found = {
    ao: "packages/cli/src/entry.ts",
    daemon: "packages/daemon/src/main.ts",
    runner: "plugins/runtime-process/src/runner/runner.ts",
    "runner-attach": "plugins/runtime-process/src/runner/attach.ts",
  };
  for (const base of ["plugins", "packages"]) {
    for (const name of readdirSync(join(folder, base)).sort()) {
      const source = join(base, name, "src");
      if (!existsSync(join(folder, source))) continue;
      for (const file of readdirSync(join(folder, source), { recursive: true }).sort()) {
        if (file.endsWith("-entry.ts") && !file.includes("testing")) found[basename(file, ".ts")] = join(source, file);
      }
    }
  }
  return Object.fromEntries(Object.entries(found).filter(([, source]) => existsSync(join(folder, source))));
}

/** Sixteen characters where the build's own hash goes once the content is known. */
const PLACEHOLDER = "@@ao-build-id@@@"; // As long as the hash that replaces it.

/** Some CommonJS dependencies call `require`, which ESM has not: the one chunk with esbuild's stand-in gets a real one. */
const REQUIRE = "import{createRequire as __aoRequire}from'node:module';const require=__aoRequire(import.meta.url);\n";
const withRequire = (text) => (/typeof require ?(!==|<) ?"u(ndefined)?"/.test(text) ? REQUIRE + text : text);

/** A package of ours without a source is left out of the bundle. Loading it fails, and the rest works. */
const absentPackages = {
  name: "absent-packages",
  setup({ onResolve }) {
    onResolve({ filter: /^@agent-orchestrator\/[a-z-]+$/ }, ({ path }) => {
      const name = path.slice("@agent-orchestrator/".length);
      const isThere = ["packages", "plugins"].some((base) => existsSync(join(root, base, name, "src/index.ts")));
      return isThere ? null : { path, external: true, warnings: [{ text: `${path} has no source yet` }] };
    });
  },
};

/** GitHub's schema goes into the bundle as text, without its descriptions. The package would read it from its own folder. */
const inlineSchema = {
  name: "inline-schema",
  setup({ onLoad }) {
    onLoad({ filter: /graphql-schema[/\\]index\.js$/ }, ({ path }) => {
      const text = readFileSync(join(dirname(path), "schema.graphql"), "utf8").replaceAll(/"""[\s\S]*?"""\s*/g, "");
      return { contents: `export const schema = { idl: ${JSON.stringify(text)} };` };
    });
  },
};

/**
 * Of dockerode's dependencies, those for what we do not use: engines behind ssh, and builds with BuildKit's own protocol. They read files
 * beside their sources, which a bundle has not.
 */
const unusedParts = {
  name: "unused-parts",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(ssh2|@grpc\/(grpc-js|proto-loader)|protobufjs)$/ }, ({ path, importer }) =>
      /[/\\](docker-modem|dockerode)[/\\]/.test(importer) ? { path, namespace: "unused" } : null,
    );
    onLoad({ filter: /.*/, namespace: "unused" }, () => ({ contents: "module.exports = {};", loader: "js" }));
  },
};

/** Collects the folders of the packages that go into the bundle. */
const notePackages = (found) => ({
  name: "note-packages",
  setup({ onLoad }) {
    onLoad({ filter: /[/\\]node_modules[/\\]/ }, ({ path }) => {
      found.add(/^.*[/\\]node_modules[/\\](?:@[^/\\]+[/\\])?[^/\\]+/.exec(path)[0]);
      return null;
    });
  },
});

const SHARED = (packages) => ({
  absWorkingDir: root,
  external: EXTERNAL,
  plugins: [...(packages === undefined ? [] : [notePackages(packages)]), absentPackages, inlineSchema, unusedParts],
  logLevel: "warning",
  define: { __AO_BUILD__: JSON.stringify(PLACEHOLDER), __AO_VERSION__: JSON.stringify(versionOf()) },
});

/** What runs for long: ESM bundles that share chunks. */
async function bundle(entryPoints, { outdir, packages }) {
  const { outputFiles } = await build({
    ...SHARED(packages),
    entryPoints,
    outdir,
    bundle: true,
    splitting: true,
    write: false,
    format: "esm",
    platform: "node",
    target: "node20",
    conditions: ["source"],
    chunkNames: "[name]-[hash]",
    minifySyntax: true,
    keepNames: true,
    legalComments: "none",
  });
  return outputFiles.map(({ path, text }) => ({ path, text: withRequire(text) }));
}

/** `place` tells builds of equal content apart. `packages`: a set for the folders of the npm packages that go into it. */
export async function buildAll({ outdir = dist, place = outdir, packages } = {}) {
  const { ao, ...rest } = entries();
  const files = await bundleCommandLine({ entry: ao, outdir, overrides: SHARED(packages) });
  if (Object.keys(rest).length > 0) files.push(...(await bundle(rest, { outdir, packages })));
  const hash = createHash("sha256").update(place);
  for (const file of [...files].sort((a, b) => (a.path < b.path ? -1 : 1)))
    hash.update(basename(file.path)).update(file.text);
  const id = hash.digest("hex").slice(0, PLACEHOLDER.length);
  publish(
    outdir,
    files.map((file) => ({ ...file, text: file.text.replaceAll(PLACEHOLDER, id) })),
  );
  writeVersion(outdir);
  return { id, files: files.length, bytes: files.reduce((sum, file) => sum + file.text.length, 0) };
}

/** Chunks first, entries last, each by rename, so that a command that starts in between finds a complete old or new build. */
function publish(outdir, files) {
  mkdirSync(outdir, { recursive: true });
  const isEntry = (file) => !/-[A-Z0-9]{8}\.c?js$/.test(file.path);
  const ordered = [...files.filter((file) => !isEntry(file)), ...files.filter(isEntry)];
  for (const file of ordered) {
    writeFileSync(`${file.path}.${process.pid}.tmp`, file.text);
    renameSync(`${file.path}.${process.pid}.tmp`, file.path);
  }
  const fresh = new Set(files.map((file) => basename(file.path)));
  // A daemon of an older build may still load its chunks, so they stay for a day.
  for (const name of readdirSync(outdir)) {
    const old = Date.now() - statSync(join(outdir, name)).mtimeMs > 86_400_000;
    if (!fresh.has(name) && (name.endsWith(".tmp") || (/\.c?js$/.test(name) && old))) rmSync(join(outdir, name));
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const started = performance.now();
  const { id, files, bytes } = await buildAll().catch((error) => {
    if (error.errors === undefined) throw error;
    process.exit(1); // esbuild has said what is wrong
  });
  const took = ((performance.now() - started) / 1000).toFixed(2);
  console.log(`built ${id}: ${files} files, ${(bytes / 1024).toFixed(0)} KiB in ${took} s`);
}
