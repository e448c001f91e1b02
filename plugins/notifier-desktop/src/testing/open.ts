import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { searchPath } from "./desktop.ts";

/** A stand-in for xdg-open that records how many arguments it gets, the first one, and the activation token. */
export function recordingOpen(): { env: Record<string, string>; opened(): string[] } {
  const dir = tempDir("ao-open");
  const bin = join(dir, "bin");
  const log = join(dir, "opened");
  mkdirSync(bin);
  writeFileSync(join(bin, "xdg-open"), `#!/bin/sh\necho "$# $1 $XDG_ACTIVATION_TOKEN" >> '${log}'\n`);
  chmodSync(join(bin, "xdg-open"), 0o755);
  const opened = () => (existsSync(log) ? readFileSync(log, "utf8").trim().split("\n") : []);
  return { env: { PATH: `${bin}${delimiter}${searchPath()}` }, opened };
}
