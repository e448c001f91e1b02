#!/usr/bin/env node
// `npm run pack [FOLDER]`: makes what npm can install, in dist-packages or in that folder. `@agent-orchestrator/cli` is the whole program,
// and `@agent-orchestrator/core` has the types for authors of plugins, with the few values that a plugin may need.
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { buildAll } from "./build.mjs";
import { buildWeb } from "./build-web.mjs";
import { fail, root, run } from "./lib.mjs";

const read = (path) => readFileSync(join(root, path), "utf8");
const writeJson = (path, value) => writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`);

/** The versions that were tested: of the lockfile, not the ranges of the workspace. */
function lockedVersions() {
  const [, catalog] = /^catalogs:\n {2}default:\n([\s\S]*?)\n\n/m.exec(read("pnpm-lock.yaml")) ?? [];
  const rows = catalog?.matchAll(/^ {4}'?([^':\n]+)'?:\n {6}specifier: .*\n {6}version: (\S+)$/gm) ?? [];
  return new Map([...rows].map(([, name, version]) => [name, version]));
}

const LOCKED = lockedVersions();

function pinned(dependencies = {}) {
  return Object.fromEntries(
    Object.keys(dependencies).map((name) => {
      if (!LOCKED.has(name)) fail(`${name} is not in the catalog of pnpm-lock.yaml`);
      return [name, LOCKED.get(name)];
    }),
  );
}

/** What is the same in both packages. Without scripts, so that an install runs none of ours. */
function manifestOf(folder, more) {
  const { name, version, description, license, type, engines } = JSON.parse(read(`${folder}/package.json`));
  return { name, version, description, license, type, engines, ...more };
}

/** The licences of what is in the bundle ask for it. */
function licencesOf(folders) {
  const texts = new Map();
  for (const folder of folders) {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const files = readdirSync(folder).filter((file) => /^(licen[cs]e|copying|notice)/i.test(file));
    const words = files
      .map((file) => join(folder, file))
      .filter((path) => statSync(path).isFile())
      .map((path) => readFileSync(path, "utf8").trim());
    texts.set(`${name} ${version} (${license ?? "see below"})`, words.join("\n\n"));
  }
  const rows = [...texts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([title, text]) => `${title}\n\n${text}`.trim());
  return `This program contains the following packages.\n\n${rows.join(`\n\n${"-".repeat(72)}\n\n`)}\n`;
}

/** What examples need only as packages of this workspace. */
const OF_WORKSPACE = /examples[/\\][^/\\]+[/\\](package\.json|node_modules$|.*\.test\.ts)$/;

async function stageProgram(stage) {
  const { bin, dependencies, optionalDependencies } = JSON.parse(read("packages/cli/package.json"));
  const packages = new Set();
  const { files, bytes } = await buildAll({ outdir: join(stage, "dist"), place: "package", packages });
  console.log(`built ${files} files, ${(bytes / 1024).toFixed(0)} KiB`);
  await buildWeb(join(stage, "dist/web"));
  for (const name of ["bin", "demo", "README.md"]) {
    cpSync(join(root, "packages/cli", name), join(stage, name), { recursive: true });
  }
  const pages = ["ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "docs", "examples", "schema"];
  for (const name of ["LICENSE", ...pages]) {
    cpSync(join(root, name), join(stage, name), { recursive: true, filter: (path) => !OF_WORKSPACE.test(path) });
  }
  writeFileSync(join(stage, "THIRD-PARTY.txt"), licencesOf(packages));
  const parts = ["bin", "demo", "dist", ...pages, "THIRD-PARTY.txt"];
  const needs = { dependencies: pinned(dependencies), optionalDependencies: pinned(optionalDependencies) };
  writeJson(join(stage, "package.json"), manifestOf("packages/cli", { bin, files: parts, ...needs }));
}

/** Plain JavaScript beside the types: a plugin throws an AoError, and may parse with the model's schemas. */
function stageTypes(stage) {
  const source = join(root, "packages/core/src");
  const config = join(stage, "tsconfig.json");
  writeJson(config, {
    extends: join(root, "tsconfig.base.json"),
    compilerOptions: {
      noEmit: false,
      declaration: true,
      rewriteRelativeImportExtensions: true,
      rootDir: source,
      outDir: join(stage, "dist"),
      typeRoots: [join(root, "node_modules/@types")],
    },
    files: [join(source, "types.ts")],
    include: [join(source, "model"), join(source, "slots")],
    exclude: ["**/*.test.ts", "**/testing"],
  });
  if (run("tsc", ["-p", config]) !== 0) fail("the types of core could not be written");
  rmSync(config);
  for (const name of readdirSync(join(stage, "dist"), { recursive: true })) {
    if (name.endsWith(".d.ts")) withoutSources(join(stage, "dist", name));
  }
  const place = (path) => ({ types: `./dist/${path}.d.ts`, default: `./dist/${path}.js` });
  cpSync(join(root, "packages/core/README.md"), join(stage, "README.md"));
  cpSync(join(root, "LICENSE"), join(stage, "LICENSE"));
  const { zod } = pinned({ zod: "" });
  writeJson(
    join(stage, "package.json"),
    manifestOf("packages/core", {
      description: "Types for plugins of ao, the orchestrator of coding agents",
      exports: { "./types": place("types"), "./model/*": place("model/*"), "./slots/*": place("slots/*") },
      files: ["dist"],
      sideEffects: false,
      dependencies: { zod },
    }),
  );
}

/** tsc leaves `.ts` in the imports of a declaration. */
function withoutSources(path) {
  const text = readFileSync(path, "utf8").replaceAll(/(["'])(\.{1,2}\/[^"']+)\.ts\1/g, "$1$2.js$1");
  writeFileSync(path, text);
}

function pack(stage, into) {
  const args = ["pack", "--json", "--ignore-scripts", "--pack-destination", into];
  const told = JSON.parse(execFileSync("npm", args, { cwd: stage, encoding: "utf8" }));
  const [{ filename, size, unpackedSize }] = Object.values(told);
  const kilobytes = (bytes) => `${(bytes / 1000).toFixed(0)} kB`;
  console.log(`${join(into, basename(filename))}: ${kilobytes(size)}, unpacked ${kilobytes(unpackedSize)}`);
}

const into = resolve(process.env.INIT_CWD ?? root, process.argv[2] ?? join(root, "dist-packages"));
const staging = mkdtempSync(join(tmpdir(), "ao-pack-"));
try {
  mkdirSync(into, { recursive: true });
  for (const name of readdirSync(into)) if (/^agent-orchestrator-.*\.tgz$/.test(name)) rmSync(join(into, name));
  for (const [name, stage] of Object.entries({ cli: stageProgram, core: stageTypes })) {
    mkdirSync(join(staging, name));
    await stage(join(staging, name));
    pack(join(staging, name), into);
  }
} finally {
  rmSync(staging, { recursive: true, force: true });
}
