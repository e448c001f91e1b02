#!/usr/bin/env node
import { existsSync } from "node:fs";

const bundle = new URL("../dist/ao.js", import.meta.url);
try {
  await import(bundle.href);
} catch (error) {
  if (existsSync(bundle)) throw error;
  process.stderr.write("ao: this checkout is not built yet\n  hint: run `npm run build` in it\n");
  process.exitCode = 69;
}
