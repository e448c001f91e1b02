import { execFileSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeTempDir, removeDir, tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fakeDaemon } from "./testing/fake-daemon.ts";
import { buildAo } from "./testing/run-ao.ts";
import { runOnTty } from "./testing/run-on-tty.ts";

const bundle = makeTempDir("ao-cli");
let ao = "";
beforeAll(async () => {
  ao = await buildAo(bundle);
});
afterAll(() => removeDir(bundle));

describe("a diff on a terminal", () => {
  it("pages a diff with git's pager and shows escape sequences instead of obeying them", async () => {
    const home = tempDir();
    await fakeDaemon(home, { diff: () => ({ text: "+a\u001b[31mb\n", base: "main" }) });
    const tty = runOnTty(["diff", "app-1"], { home, ao, env: { GIT_PAGER: "sed s/^/paged:/", NO_COLOR: "1" } });
    expect(await tty.ended).toBe(0);
    expect(tty.seen()).toContain("paged:+a^[[31mb");
  });

  it("never runs a pager that the repository's own settings name, because an agent can write them", async () => {
    const [home, repo] = [tempDir(), tempDir()];
    await fakeDaemon(home, { diff: () => ({ text: "+a\n", base: "main" }) });
    execFileSync("git", ["init", "-q", repo]);
    const canary = join(home, "canary");
    execFileSync("git", ["-C", repo, "config", "core.pager", `touch ${canary}; cat`]);
    const ownFile = join(home, "gitconfig");
    for (const [own, paged] of [
      ["", ""],
      ["[core]\n\tpager = sed s/^/mine:/\n", "mine:"],
    ]) {
      writeFileSync(ownFile, own ?? "");
      const env = { GIT_CONFIG_GLOBAL: ownFile, PAGER: "cat", NO_COLOR: "1" };
      const tty = runOnTty(["diff", "app-1"], { home, ao, cwd: repo, env });
      expect(await tty.ended).toBe(0);
      expect(tty.seen()).toContain(`${paged}+a`);
      expect(existsSync(canary)).toBe(false);
    }
  });

  const PATCH =
    "diff --git a/x b/x\nindex 1..2 100644\n--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@ f()\n same\n-old\n+new \u001b[31m\n--- not a header\n";

  it.each([
    [
      "git's own colours",
      {},
      "\u001b[36m@@ -1,2 +1,2 @@\u001b[m f()\n same\n\u001b[31m-old\u001b[m\n\u001b[32m+new ^[[31m\u001b[m\n\u001b[31m--- not a header\u001b[m\n",
    ],
    [
      "the user's colours",
      { "color.diff.old": "yellow bold", "color.diff.plain": "blue" },
      "\u001b[34m same\u001b[m\n\u001b[1;33m-old\u001b[m\n",
    ],
    ["none, where the user's git uses none", { "color.diff": "never" }, "@@ -1,2 +1,2 @@ f()\n same\n-old\n"],
  ])("shows a diff in %s", async (_, settings, expected) => {
    const home = tempDir();
    const daemon = await fakeDaemon(home, { diff: () => ({ text: PATCH, base: "main" }) });
    const file = join(home, "gitconfig");
    writeFileSync(
      file,
      Object.entries(settings)
        .map(
          ([key, value]) =>
            `[${key.split(".").slice(0, -1).join(' "')}${key.split(".").length > 2 ? '"' : ""}]\n\t${key.split(".").at(-1)} = ${value}\n`,
        )
        .join(""),
    );
    const tty = runOnTty(["diff", "app-1"], { home, ao, env: { GIT_PAGER: "cat", GIT_CONFIG_GLOBAL: file } });
    expect(await tty.ended).toBe(0);
    expect(tty.seen().replaceAll("\r", "")).toContain(expected);
    expect(daemon.of("diff")[0]?.params).toEqual({ session: "app-1", isForDisplay: true });
  });

  it("shows the files of a diff with coloured bars, as wide as the terminal", async () => {
    const home = tempDir();
    const daemon = await fakeDaemon(home, {
      diff: () => ({ text: " a.txt | 3 ++-\n 1 file changed\n", base: "main" }),
    });
    const tty = runOnTty(["diff", "app-1", "--stat", "src", "a.txt"], { home, ao, env: { GIT_PAGER: "cat" } });
    expect(await tty.ended).toBe(0);
    expect(tty.seen()).toContain(" a.txt | 3 \u001b[32m++\u001b[m\u001b[31m-\u001b[m");
    expect(daemon.of("diff")[0]?.params).toMatchObject({ paths: ["src", "a.txt"], isForDisplay: true });
    expect(daemon.of("diff")[0]?.params.statColumns).toBeGreaterThan(20);
  });
});
