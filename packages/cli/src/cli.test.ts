import { cpSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeTempDir, removeDir, tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { COMMANDS } from "./table.ts";
import { fakeDaemon, Refusal } from "./testing/fake-daemon.ts";
import { buildAo, type RunOptions, runAo } from "./testing/run-ao.ts";

const bundle = makeTempDir("ao-cli");
let ao = "";
beforeAll(async () => {
  ao = await buildAo(bundle);
});
afterAll(() => removeDir(bundle));

const at = (home: string, more: Partial<RunOptions> = {}): RunOptions => ({ home, ao, ...more });

describe("the command line", () => {
  it("prints its version without a daemon, a home or a config", async () => {
    expect(await runAo(["--version"], at(tempDir()))).toEqual({ status: 0, stdout: "ao 1.2.3\n", stderr: "" });
  });

  it("prints its version in the words of the build next to it, whatever else is on the command line", async () => {
    const built = makeTempDir("ao-cli-built");
    onTestFinished(() => removeDir(built));
    cpSync(bundle, built, { recursive: true });
    writeFileSync(join(built, "version.txt"), "ao 1.2.3 (fb4a3e7)\n");
    for (const args of [["--version"], ["-V"], ["--json", "-V"]]) {
      const { status, stdout } = await runAo(args, { home: tempDir(), ao: join(built, "ao.cjs") });
      expect([status, stdout], args.join(" ")).toEqual([0, "ao 1.2.3 (fb4a3e7)\n"]);
    }
  });

  it("has help with an example for every command of the table", async () => {
    const home = tempDir();
    for (const command of COMMANDS) {
      const { status, stdout } = await runAo([...command.name.split(" "), "--help"], at(home));
      expect(status, command.name).toBe(0);
      expect(stdout).toContain(`Usage: ao ${command.name}`);
      expect(stdout).toContain("--json");
      expect(command.examples.length, command.name).toBeGreaterThan(0);
      for (const [line] of command.examples) expect(stdout).toContain(line);
    }
    expect(readdirSync(home)).toEqual([]);
  }, 120_000);

  it("names the nearest command and option, and exits 64", async () => {
    const home = tempDir();
    const command = await runAo(["statsu"], at(home));
    expect(command).toMatchObject({ status: 64, stdout: "" });
    expect(command.stderr).toBe("ao: unknown command: statsu\n  hint: Did you mean `ao status`?\n");
    const option = await runAo(["status", "--wach"], at(home));
    expect(option.status).toBe(64);
    expect(option.stderr).toContain("Did you mean --watch?");
    expect(await runAo(["pr"], at(home))).toMatchObject({ status: 0, stdout: expect.stringContaining("pr create") });
    expect((await runAo(["config", "shwo"], at(home))).status).toBe(64);
    expect((await runAo(["send"], at(home))).status).toBe(64);
  });

  it("answers in JSON even if the command line is wrong", async () => {
    const { status, stdout, stderr } = await runAo(["kill", "--json"], at(tempDir()));
    expect(status).toBe(64);
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toEqual({
      error: { code: "USAGE", message: expect.stringContaining("session"), hint: expect.any(String) },
    });
  });
});

describe("errors", () => {
  it.each([
    ["FAILED", 1],
    ["UNCONFIRMED", 1],
    ["ENDED_OTHERWISE", 1],
    ["USAGE", 64],
    ["NOT_FOUND", 66],
    ["AMBIGUOUS", 66],
    ["UNAVAILABLE", 69],
    ["UNREACHABLE", 69],
    ["REFUSED", 73],
    ["UNTRUSTED", 73],
    ["NOT_PERMITTED", 73],
    ["NO_SPACE", 73],
    ["TRY_AGAIN", 75],
    ["CONFIG", 78],
    ["STATE_NEWER", 78],
    ["PLUGIN", 78],
  ] as const)("%s exits %i, with one line and one hint on stderr", async (code, status) => {
    const home = tempDir();
    const refusal = new Refusal({ code, message: "it went\nwrong \u001b[31mred", hint: "do this" });
    await fakeDaemon(home, { show: () => refusal });
    const text = await runAo(["show", "app-1"], at(home));
    expect(text).toEqual({ status, stdout: "", stderr: "ao: it went · wrong red\n  hint: do this\n" });
    const json = await runAo(["show", "app-1", "--json"], at(home));
    expect(json.status).toBe(status);
    expect(JSON.parse(json.stdout)).toEqual({ error: { code, message: refusal.error.message, hint: "do this" } });
  });
});
