#!/usr/bin/env node
// CommonJS (see the package.json next to it): node answers `--version` without loading its module loader, which takes a third of the time.
const { existsSync } = require("node:fs");
const { join } = require("node:path");

const bundle = join(__dirname, "../dist/ao.js");
const [, , first, ...more] = process.argv;

if (!existsSync(bundle)) {
  process.stderr.write("ao: this checkout is not built yet\n  hint: run `npm run build` in it\n");
  process.exitCode = 69;
} else if (more.length === 0 && (first === "--version" || first === "-V")) {
  process.stdout.write(`${require("../package.json").version}\n`);
} else {
  void import(require("node:url").pathToFileURL(bundle).href);
}
