#!/usr/bin/env node
// `npm run docs`: writes the generated parts of the docs, and the config's schema.
// `--check` writes nothing and names what is stale.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { generatedFiles } from "./docs/generate.mjs";
import { fail, root } from "./lib.mjs";

const isCheck = process.argv.includes("--check");
const stale = [...(await generatedFiles())].filter(([path, text]) => {
  const file = join(root, path);
  return !existsSync(file) || readFileSync(file, "utf8") !== text;
});
if (isCheck && stale.length > 0) fail(`stale: ${stale.map(([path]) => path).join(", ")}`, "Run `npm run docs`.");
for (const [path, text] of stale) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
  console.log(`wrote ${path}`);
}
