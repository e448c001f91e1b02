import { execFileSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeTempDir, removeDir, tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fakeDaemon } from "./testing/fake-daemon.ts";
import { buildAo, runAo } from "./testing/run-ao.ts";
import { view } from "./testing/views.ts";

const bundle = makeTempDir("ao-cli");
let ao = "";
beforeAll(async () => {
  ao = await buildAo(bundle);
});
afterAll(() => removeDir(bundle));

/** A folder with an `ao` as on the user's PATH, and the shell's script. */
async function installed(shell: string): Promise<{ home: string; script: string; env: Record<string, string> }> {
  const home = tempDir();
  writeFileSync(join(home, "ao"), `#!/bin/sh\nexec "${process.execPath}" "${ao}" "$@"\n`, { mode: 0o755 });
  const script = join(home, `completion.${shell}`);
  writeFileSync(script, (await runAo(["completion", shell], { home, ao })).stdout);
  return { home, script, env: { PATH: `${home}:${process.env.PATH ?? ""}`, HOME: home, AO_HOME: home } };
}

/** What bash offers for a line that ends at the cursor. */
async function offered(line: string): Promise<string[]> {
  const { home, script, env } = await installed("bash");
  await fakeDaemon(home, {
    status: () => [view({ id: "app-1" }), view({ id: "web-2", projectId: "web" }), view({ id: "x;id" })],
  });
  const words = line.split(" ");
  const program = `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _ao; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const run = () => execFileSyncAsync("bash", ["--norc", "-c", program, "bash", script, ...words], env);
  return (await run()).split("\n").filter((word) => word !== "");
}

/** The fake daemon lives in this process, so the shell must not block it. */
async function execFileSyncAsync(file: string, args: string[], env: Record<string, string>): Promise<string> {
  const { execFile } = await import("node:child_process");
  return await new Promise((resolve, reject) => {
    execFile(file, args, { env, encoding: "utf8" }, (error, stdout) => (error ? reject(error) : resolve(stdout)));
  });
}

describe("completion in bash", () => {
  it.each([
    ["ao sta", ["status", "start"]],
    ["ao config sh", ["show"]],
    ["ao review ", ["held", "release", "app-1", "web-2"]],
    ["ao review held a", ["app-1"]],
    ["ao review app-1 --app", ["--approve"]],
    ["ao show ", ["app-1", "web-2"]],
    ["ao kill app-1 w", ["web-2"]],
    ["ao spawn ", ["my-app", "web"]],
    ["ao spawn --ag", ["--again", "--agent"]],
    ["ao spawn --agent co", ["codex", "command"]],
    ["ao wait app-1 --until merg", ["merged", "mergeable"]],
    ["ao report need", ["needs_input"]],
    ["ao completion z", ["zsh"]],
    ["ao spawn --model ", []],
    ["ao nonsense ", []],
  ])("%j", async (line, words) => {
    expect((await offered(line)).sort()).toEqual([...words].sort());
  });
});

const have = (program: string): boolean =>
  (process.env.PATH ?? "").split(":").some((folder) => existsSync(join(folder, program)));

describe("completion scripts", () => {
  it("are accepted by their shells, as far as these are installed here", async () => {
    const checks: [string, string[]][] = [
      ["bash", ["-n"]],
      ["zsh", ["-n"]],
      ["fish", ["--no-execute"]],
    ];
    const present = checks.filter(([shell]) => have(shell));
    console.log(`completion scripts checked with: ${present.map(([shell]) => shell).join(", ")}`);
    for (const [shell, args] of present) {
      const { script, env } = await installed(shell);
      execFileSync(shell, [...args, script], { env, stdio: "pipe" });
    }
    expect(present.length).toBeGreaterThan(0);
  });
});
