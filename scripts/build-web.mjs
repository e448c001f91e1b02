#!/usr/bin/env node
// Builds the dashboard's page: files with hashed names, each also compressed.
import { readdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const root = fileURLToPath(new URL("..", import.meta.url));
const page = join(root, "packages/web");

/** Only the page has Vite among its packages. */
const vite = () => import(pathToFileURL(createRequire(join(page, "package.json")).resolve("vite")).href);

/** The folders of the packages that go into the page. */
export function pagePackages() {
  const found = ["preact", "@preact/signals", "@xterm/xterm", "@xterm/addon-fit", "@xterm/addon-web-links"];
  const folders = found.map((name) => realpathSync(join(page, "node_modules", name)));
  return [...folders, realpathSync(join(folders[1], "../signals-core"))];
}

/** Returns how many files there are. `outDir` is emptied first. */
export async function buildWeb(outDir = join(page, "dist")) {
  // Any other would put paths of this machine into the page.
  process.env.NODE_ENV = "production";
  const { build } = await vite();
  await build({ configFile: join(page, "vite.config.ts"), root: page, logLevel: "warn", build: { outDir } });
  const files = readdirSync(outDir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  for (const { parentPath, name } of files) {
    if (!/\.(js|css|html|svg)$/.test(name)) continue;
    const path = join(parentPath, name);
    const bytes = readFileSync(path);
    const quality = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
    writeFileSync(`${path}.br`, brotliCompressSync(bytes, { params: quality }));
    writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
  }
  return files.length;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const started = performance.now();
  const [, , outDir] = process.argv;
  const files = await buildWeb(outDir === undefined ? undefined : resolve(outDir));
  console.log(`built the page: ${files} files in ${((performance.now() - started) / 1000).toFixed(2)} s`);
}
