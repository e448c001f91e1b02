#!/usr/bin/env node
// Stands in for the program `codex` where only its processes matter. `app-server` opens its socket and ignores TERM, as the real one
// does in the middle of a turn. `--remote` is the terminal program. Each writes its arguments and pid into $CODEX_STAND_IN.
import { appendFileSync } from "node:fs";
import { createServer } from "node:net";

const words = process.argv.slice(2);
const what = words[0] === "app-server" ? "server" : "terminal";
appendFileSync(process.env.CODEX_STAND_IN, `${JSON.stringify({ what, pid: process.pid, words })}\n`);
process.on("SIGTERM", () => undefined);
process.on("SIGHUP", () => undefined);
if (what === "server") {
  const url = words[words.indexOf("--listen") + 1];
  setTimeout(() => createServer().listen(url.slice("unix://".length)), 100);
}
setInterval(() => undefined, 1 << 30);
