#!/usr/bin/env node
// `npm run picture`: plays the demo and draws what it printed into docs/images/demo.svg.
// `--from FILE` draws a recording instead: `FORCE_COLOR=1 COLUMNS=100 ao demo > FILE`.
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fail, root } from "./lib.mjs";
import { ansiToSvg } from "./picture/ansi-to-svg.mjs";

const COLUMNS = 100;
/** The rest is more of the same, and the picture is long enough. */
const END = /^.*Your turn\. /m;

function record() {
  const { NO_COLOR: _, ...env } = process.env;
  const played = spawnSync(process.execPath, [join(root, "packages/cli/bin/ao.js"), "demo"], {
    env: { ...env, FORCE_COLOR: "1", COLUMNS: String(COLUMNS) },
    encoding: "utf8",
    timeout: 180_000,
  });
  if (played.status !== 0) fail(`the demo ended with ${played.status}: ${played.stderr.trim()}`);
  return played.stdout;
}

const from = process.argv.indexOf("--from");
const text = from === -1 ? record() : readFileSync(process.argv[from + 1] ?? "", "utf8");
const end = text.search(END);
if (end === -1) fail("this is not a complete recording of the demo: its last part is missing");
mkdirSync(join(root, "docs/images"), { recursive: true });
const picture = join(root, "docs/images/demo.svg");
writeFileSync(picture, ansiToSvg(text.slice(0, end).trim(), { columns: COLUMNS, title: "ao demo" }));
console.log(`wrote ${picture}`);
