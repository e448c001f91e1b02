import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { makeTempDir, removeDir, tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fakeDaemon, Refusal } from "./testing/fake-daemon.ts";
import { buildAo, type RunOptions, runAo } from "./testing/run-ao.ts";
import { view } from "./testing/views.ts";

const bundle = makeTempDir("ao-cli");
let ao = "";
beforeAll(async () => {
  ao = await buildAo(bundle);
});
afterAll(() => removeDir(bundle));

const at = (home: string, more: Partial<RunOptions> = {}): RunOptions => ({ home, ao, ...more });

describe("what cannot be undone", () => {
  const question = new Refusal({ code: "REFUSED", message: "this would merge", hint: "Add --yes to go ahead." });

  it("is refused without --yes if there is no terminal to ask on", async () => {
    const home = tempDir();
    const daemon = await fakeDaemon(home, {
      merge: ({ params }) =>
        params.isConfirmed === true ? view({ status: "merged", because: "PR 8 is merged" }) : question,
    });
    expect((await runAo(["merge", "app-1"], at(home))).status).toBe(73);
    expect((await runAo(["merge", "app-1", "--yes"], at(home))).stdout).toBe("app-1 is merged: PR 8 is merged\n");
    expect(daemon.of("merge").map(({ params }) => params.isConfirmed)).toEqual([false, true]);
  });

  it("trusts what was shown when a user typed `ao trust`, and only shows it with --dry-run", async () => {
    const home = tempDir();
    const shown = {
      configPath: "/a/agent-orchestrator.yaml",
      text: "postCreate: npm ci",
      diff: null,
      pin: "p1",
      isTrusted: false,
    };
    const daemon = await fakeDaemon(home, { trust: () => shown });
    expect((await runAo(["trust", "--dry-run"], at(home))).status).toBe(0);
    expect(daemon.of("trust").map(({ params }) => params)).toEqual([{ isDryRun: true }]);
    const { stdout, stderr } = await runAo(["trust"], at(home));
    expect(stderr).toContain("postCreate: npm ci");
    expect(stdout).toBe("/a/agent-orchestrator.yaml is trusted\n");
    expect(daemon.of("trust").at(-1)?.params).toEqual({ pin: "p1" });
  });

  it("does not trust automatically for another command", async () => {
    const home = tempDir();
    const untrusted = new Refusal({
      code: "UNTRUSTED",
      message: "not trusted",
      hint: "`ao trust`",
      details: { pin: "p1", text: "x" },
    });
    const daemon = await fakeDaemon(home, { spawn: () => untrusted });
    expect((await runAo(["spawn", "42", "--yes"], at(home))).status).toBe(73);
    expect(daemon.of("trust")).toEqual([]);
  });
});

describe("programs of the session", () => {
  it("runs a command in its folder with its environment and exits with its status", async () => {
    const home = tempDir();
    const cwd = join(home, "work");
    mkdirSync(cwd);
    const env = { PATH: process.env.PATH ?? "", AO_SESSION_ID: "app-1" };
    await fakeDaemon(home, { exec: () => ({ cwd, env }) });
    const script = 'echo "$AO_SESSION_ID in $(pwd) $HOME"; exit 7';
    const ran = await runAo(["exec", "app-1", "--", "sh", "-c", script], at(home));
    expect(ran).toMatchObject({ status: 7, stdout: `app-1 in ${cwd} \n` });
    const json = await runAo(["exec", "--json", "app-1", "sh", "-c", "echo hi; kill -TERM $$"], at(home));
    expect(json.status).toBe(143);
    expect(JSON.parse(json.stdout).data).toMatchObject({ exitCode: 143, stdout: "hi\n" });
    expect((await runAo(["exec", "app-1", "--", "no-such-program"], at(home))).status).toBe(69);
  });

  it("passes a piped diff on byte for byte", async () => {
    const home = tempDir();
    const text = "diff --git a/x b/x\n+\u001b[31m\r\n";
    await fakeDaemon(home, { diff: () => ({ text, base: "main" }) });
    expect((await runAo(["diff", "app-1"], at(home))).stdout).toBe(text);
    const other = tempDir();
    const daemon = await fakeDaemon(other, { diff: () => ({ text, base: "main" }) });
    await runAo(["diff", "app-1", "--staged", "--", "a.txt", "--odd"], at(other));
    expect(daemon.of("diff")[0]?.params).toEqual({ session: "app-1", paths: ["a.txt", "--odd"], isStaged: true });
  });

  it("refuses to attach if there is no terminal", async () => {
    const home = tempDir();
    await fakeDaemon(home, { attach: () => ({ argv: ["true"], env: {}, detachHint: "d", title: "t" }) });
    expect((await runAo(["attach", "app-1"], at(home))).status).toBe(69);
  });
});
