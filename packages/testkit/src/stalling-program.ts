import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { tempDir } from "./temp-dir.ts";

/** Returns a PATH on which this program never does anything. It ends when the test does. */
export function stallingProgram(name: string, path: string): string {
  const dir = tempDir("ao-stall");
  const bin = join(dir, "bin");
  mkdirSync(bin);
  const file = join(bin, name);
  writeFileSync(file, `#!/bin/sh\nwhile [ -e '${bin}' ]; do sleep 0.2; done\nexit 1\n`);
  chmodSync(file, 0o755);
  return `${bin}${delimiter}${path}`;
}
