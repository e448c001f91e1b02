import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** A new private folder that is removed when the running test ends. */
export function tempDir(name = "ao"): string {
  const dir = makeTempDir(name);
  onTestFinished(() => removeDir(dir));
  return dir;
}

/** The same for hooks and scripts, which remove it themselves with `removeDir`. */
export function makeTempDir(name = "ao"): string {
  return realpathSync(mkdtempSync(join(tmpdir(), `${name}-`)));
}

export function removeDir(dir: string): void {
  rmSync(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
}
