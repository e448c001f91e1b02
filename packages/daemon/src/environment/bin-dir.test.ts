import { execFile } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, watch, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { parseSpooled } from "@agent-orchestrator/core/store/spool-parse";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { beforeEach, describe, expect, test } from "vitest";
import { frontText } from "./bin-dir.ts";

const run = promisify(execFile);
let home: string;
let spool: string;
let command: string;

beforeEach(() => {
  const dir = tempDir("ao-front");
  home = join(dir, "it's home");
  spool = join(home, "daemon/spool");
  for (const folder of [join(spool, "new"), join(spool, "tmp"), join(home, "quarantine")])
    mkdirSync(folder, { recursive: true });
  command = join(dir, "ao");
  const real = join(dir, "real.sh");
  writeFileSync(real, 'printf "real %s\\n" "$*"; exit 66\n');
  writeFileSync(command, frontText({ home, node: "/bin/sh", cli: real }));
  chmodSync(command, 0o700);
});

const AGENT = { AO_SESSION_ID: "app-1", AO_SESSION_PROOF: "c2VjcmV0" };

/** Runs the command as an agent does. What the real program prints begins with `real`. */
async function ao(args: string[], env: Record<string, string> = AGENT): Promise<{ status: number; stdout: string }> {
  try {
    const { stdout } = await run(command, args, { env: { PATH: process.env.PATH ?? "", ...env } });
    return { status: 0, stdout };
  } catch (error) {
    const { code, stdout } = error as { code: number; stdout: string };
    return { status: code, stdout };
  }
}

const waiting = () => readdirSync(join(spool, "new"));

/** What the daemon does with each new file: takes it, or sets it aside. Returns the fields of those that it saw. */
function daemon(end: "takes" | "refuses"): { seen: unknown[]; stop(): void } {
  const seen: unknown[] = [];
  const watcher = watch(join(spool, "new"), () => {
    for (const name of waiting()) {
      const path = join(spool, "new", name);
      const parsed = parseSpooled(readFileSync(path));
      seen.push(typeof parsed === "string" ? parsed : parsed.fields);
      if (end === "takes") rmSync(path);
      else renameSync(path, join(home, "quarantine", `spool-${name}`));
    }
  });
  return { seen, stop: () => watcher.close() };
}

describe("the command of sessions", () => {
  test.each([
    [["report", "done"], { state: "done" }],
    [["report", "working", "--note", "step 2 = half"], { state: "working", note: "step 2 = half" }],
    [
      ["report", "needs_input", "-n", "which 'db'? $HOME `x` \\n %s"],
      { state: "needs_input", note: "which 'db'? $HOME `x` \\n %s" },
    ],
    [["report", "blocked", "--note=# no"], { state: "blocked", note: "# no" }],
    [["report", "waiting", "--note", ""], { state: "waiting", note: "" }],
  ])("a plain report needs no Node: %j", async (args, expected) => {
    const { seen, stop } = daemon("takes");
    const answer = await ao(args);
    stop();
    expect(answer).toEqual({ status: 0, stdout: `app-1: ${expected.state}\n` });
    expect(seen).toEqual([{ kind: "report", session: "app-1", proof: "c2VjcmV0", ...expected }]);
  });

  test("without a daemon the report is stored, and that is said", async () => {
    const answer = await ao(["report", "done"]);
    expect(answer).toEqual({ status: 0, stdout: "app-1: done (stored for the next daemon)\n" });
    expect(waiting()).toHaveLength(1);
    expect(readdirSync(join(spool, "tmp"))).toEqual([]);
  });

  test("what the daemon does not take is said by the real program", async () => {
    const { seen, stop } = daemon("refuses");
    const answer = await ao(["report", "done"]);
    stop();
    expect(seen).toHaveLength(1);
    expect(answer).toEqual({ status: 66, stdout: "real report done\n" });
  });

  test.each<[string, string[], Record<string, string>?]>([
    ["another command", ["status"]],
    ["no command", []],
    ["an unknown state", ["report", "finished"]],
    ["no state", ["report"]],
    ["another option", ["report", "done", "--json"]],
    ["another session", ["report", "done", "--session", "app-2"]],
    ["one word too many", ["report", "done", "now"]],
    ["the option first", ["report", "--note", "x", "done"]],
    ["an option without its value", ["report", "done", "--note"]],
    ["a note of two lines", ["report", "done", "--note", "a\nstate=working"]],
    ["a note with a carriage return", ["report", "done", "--note", "a\rb"]],
    ["a note with other letters than ASCII", ["report", "done", "--note", "fertig für heute"]],
    ["a note that looks like an option", ["report", "done", "--note", "--session"]],
    ["a note that is too long", ["report", "done", "--note", "x".repeat(4_097)]],
    ["no session", ["report", "done"], { AO_SESSION_PROOF: "c2VjcmV0" }],
    ["no proof", ["report", "done"], { AO_SESSION_ID: "app-1" }],
    ["an odd session", ["report", "done"], { ...AGENT, AO_SESSION_ID: "../x" }],
    ["an odd proof", ["report", "done"], { ...AGENT, AO_SESSION_PROOF: "a\nstate=working" }],
    ["another home", ["report", "done"], { ...AGENT, AO_HOME: "/elsewhere" }],
  ])("%s goes to the real program as it is", async (_what, args, env) => {
    const answer = await ao(args, env);
    expect(answer).toEqual({ status: 66, stdout: `real ${args.join(" ")}\n` });
    expect(waiting()).toEqual([]);
  });

  test("a spool that cannot be written is left to the real program", async () => {
    rmSync(spool, { recursive: true });
    expect((await ao(["report", "done"])).stdout).toBe("real report done\n");
  });
});
