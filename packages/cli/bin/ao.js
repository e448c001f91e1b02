#!/usr/bin/env node
// CommonJS (see the package.json next to it), like the bundle: node runs it without its module loader, which would cost as much again.
const { existsSync, readFileSync } = require("node:fs");
const { join } = require("node:path");

const bundle = join(__dirname, "../dist/ao.cjs");
const [, , first, ...more] = process.argv;

if (!existsSync(bundle)) {
  process.stderr.write("ao: this checkout is not built yet\n  hint: run `npm run build` in it\n");
  process.exitCode = 69;
} else if (more.length === 0 && (first === "--version" || first === "-V")) {
  const line = join(__dirname, "../dist/version.txt");
  process.stdout.write(existsSync(line) ? readFileSync(line) : `ao ${require("../package.json").version}\n`);
} else {
  require(bundle);
}
