#!/usr/bin/env node
// `node scripts/run-ts.mjs file.ts [words]`: runs TypeScript of this workspace directly, on every Node we support.
import { readFileSync } from "node:fs";
import { register } from "node:module";
import { resolve as resolvePath } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { isMainThread } from "node:worker_threads";
import { transformSync } from "esbuild";

/** Packages of the workspace are loaded from their sources. */
export const resolve = (specifier, context, next) =>
  next(specifier, { ...context, conditions: ["source", ...context.conditions] });

export function load(url, context, next) {
  if (!/^file:.*\.ts$/.test(url)) return next(url, context);
  const sourcefile = fileURLToPath(url);
  const { code } = transformSync(readFileSync(sourcefile, "utf8"), {
    loader: "ts",
    format: "esm",
    target: "node20",
    sourcemap: "inline",
    sourcefile,
  });
  return { format: "module", source: code, shortCircuit: true };
}

if (isMainThread && process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , file = ""] = process.argv;
  register(import.meta.url);
  process.argv.splice(1, 2, resolvePath(file));
  await import(pathToFileURL(resolvePath(file)).href);
}
