import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { expect, it } from "vitest";
import { createEnvironments } from "./environments.ts";
import { createLoginShell } from "./login-shell.ts";

/** A home with this profile, and what the daemon itself was started with. */
function userWith(profile: string, more: Record<string, string> = {}): Record<string, string> {
  const home = tempDir("ao-login");
  writeFileSync(join(home, ".profile"), profile);
  return { PATH: "/usr/bin:/bin", HOME: home, LANG: "C.UTF-8", SHELL: "/bin/sh", ...more };
}

const base = (own: Record<string, string>) =>
  createEnvironments({
    home: "/ao-home",
    binDir: "/ao-home/daemon/bin",
    own,
    outerMarks: () => new Set(),
    proofOf: () => "",
    callerEnv: () => null,
    withheld: async () => [],
  }).base();

it.each([
  ["prints before and after", "echo Welcome; printf 'A=B\\0C=D\\0'; trap 'echo bye' EXIT; export FROM=profile"],
  ["traces its lines", "set -x; export FROM=profile"],
  ["leaves a program behind that holds its output open", "sleep 60 & export FROM=profile"],
  ["has values with line breaks and equals signs", "export FROM=profile ODD='a=b\nc=d'"],
])("reads the environment of a profile that %s", async (_, profile) => {
  const own = userWith(profile);
  const began = performance.now();
  expect(await base(own)).toMatchObject({ FROM: "profile", HOME: own.HOME, LANG: "C.UTF-8" });
  expect(await createLoginShell(own).problem()).toBe(null);
  expect(performance.now() - began).toBeLessThan(8_000);
});

it.each([
  ["replaces the shell", "exec true", /ended without running its command/],
  ["fails", "exit 3", /exit 3/],
  ["prints an environment of its own and goes", "printf 'A=B\\0'; exec true", /ended without running its command/],
])("uses the daemon's own environment, and gives the reason, with a profile that %s", async (_, profile, reason) => {
  const own = userWith(profile);
  expect(await base(own)).toEqual({ HOME: own.HOME, LANG: "C.UTF-8", PATH: own.PATH, SHELL: own.SHELL });
  expect(await createLoginShell(own).problem()).toMatch(reason);
});

it("reports a login shell that is missing or does not support -l", async () => {
  expect(await createLoginShell(userWith("", { SHELL: "/nowhere/zsh" })).problem()).toMatch(/zsh/);
  const shell = join(tempDir("ao-shell"), "odd");
  writeFileSync(shell, "#!/bin/sh\necho unknown option: -l\n");
  chmodSync(shell, 0o755);
  expect(await createLoginShell(userWith("", { SHELL: shell })).problem()).toMatch(/without running its command/);
});

it("reads a repaired profile when doctor asks again", async () => {
  const own = userWith("exec true");
  const shell = createLoginShell(own);
  expect(await shell.environment()).toBe(null);
  writeFileSync(join(own.HOME ?? "", ".profile"), "export FROM=profile\n");
  expect(await shell.problem()).toBe(null);
  expect(await shell.environment()).toMatchObject({ FROM: "profile" });
});
