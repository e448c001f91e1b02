import { isAoError } from "@agent-orchestrator/core/model/errors";
import { CommanderError } from "commander";
import { describe, expect, it } from "vitest";
import { COMMANDS } from "../table.ts";
import { createProgram } from "./program.ts";
import type { Call } from "./spec-command.ts";

/** The result of a command line: the call, an error's two lines, or the printed help. */
async function outcome(argv: readonly string[], columns = 80): Promise<{ call?: Call; error?: string; help: string }> {
  let help = "";
  let call: Call | undefined;
  const io = {
    out: (text: string) => {
      help += text;
    },
    columns: () => columns,
  };
  const program = createProgram(COMMANDS, {
    io,
    run: async (called) => {
      call = called;
    },
  });
  try {
    await program.parseAsync(argv, { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) return { help };
    if (!isAoError(error)) throw error;
    return { error: `${error.message}\n${error.hint}`, help };
  }
  return { ...(call === undefined ? {} : { call }), help };
}

describe("the command line", () => {
  it("finds a command by its name, by its alias, and after global options", async () => {
    for (const argv of [["status"], ["ls"], ["ps"], ["--json", "status"], ["--config", "x", "ls"]]) {
      expect((await outcome(argv)).call?.spec.name, argv.join(" ")).toBe("status");
    }
    expect((await outcome(["config", "--json", "show"])).call).toMatchObject({
      spec: { name: "config show" },
      global: { isJson: true },
    });
  });

  it("accepts global options before and after the command", async () => {
    for (const argv of [
      ["--yes", "--config=a", "kill", "app-1"],
      ["kill", "app-1", "-y", "--config", "a"],
      ["--config", "a", "kill", "-y", "app-1"],
    ]) {
      expect((await outcome(argv)).call?.global).toEqual({ isJson: false, isYes: true, config: "a" });
    }
  });

  it("leaves the words of another program alone", async () => {
    const { call } = await outcome(["exec", "--json", "app-1", "ls", "--json", "-h"]);
    expect(call?.input.args).toEqual(["app-1", "ls", "--json", "-h"]);
    expect((await outcome(["exec", "app-1", "--", "ls", "--", "-a"])).call?.input.args.slice(-3)).toEqual([
      "ls",
      "--",
      "-a",
    ]);
  });

  it("accepts text that begins with a dash as an option's value, and as an argument after --", async () => {
    expect((await outcome(["spawn", "-p", "- [ ] x"])).call?.input.text("prompt")).toBe("- [ ] x");
    expect((await outcome(["review", "a", "-m", "--- b"])).call?.input.text("message")).toBe("--- b");
    expect((await outcome(["send", "app-1", "--", "- [ ] x", "--now"])).call?.input.args).toEqual([
      "app-1",
      "- [ ] x",
      "--now",
    ]);
    expect((await outcome(["send", "app-1", "-5"])).call?.input.args).toEqual(["app-1", "-5"]);
  });

  it.each([
    [["statsu"], "unknown command: statsu\nDid you mean `ao status`?"],
    [["config", "shwo"], "unknown command: config shwo\nDid you mean `ao config show`?"],
    [["xyzzy"], "unknown command: xyzzy\nSee `ao help`."],
    [["help", "statsu"], "unknown command: statsu\nDid you mean `ao status`?"],
    [["help", "status", "x"], 'unexpected argument: "x"\nSee `ao help`.'],
    [["status", "--wach"], "unknown option '--wach'\nDid you mean --watch?"],
    [["status", "--watch=yes"], "unknown option '--watch=yes'\nSee `ao status --help`."],
    [["--bogus", "status"], "unknown option '--bogus'\nSee `ao help`."],
    [["status", "a", "b"], 'unexpected argument: "b"\nSee `ao status --help`.'],
    [["trust", "me"], 'unexpected argument: "me"\nSee `ao trust --help`.'],
    [["send"], "missing argument: session\nSee `ao send --help`."],
    [["wait", "app-1", "--until"], "option '--until <statuses>' needs a value\nSee `ao wait --help`."],
    [["spawn", "--model", "--dry-run"], "option '--model <name>' needs a value\nSee `ao spawn --help`."],
    [
      ["send", "app-1", "- [ ] x"],
      "unknown option '- [ ] x'\nTo pass it as text, put `--` before it: `ao send <session> -- <text>`.",
    ],
    [
      ["answer", "app-1", "-no"],
      "unknown option '-no'\nTo pass it as text, put `--` before it: `ao answer <session> -- <choice>`.",
    ],
  ])("%j is refused in two lines", async (argv, error) => {
    expect((await outcome(argv)).error).toBe(error);
  });

  it("names the values that an option accepts", async () => {
    expect((await outcome(["merge", "a", "--method", "force"])).error).toMatch(/force.*merge, squash, rebase/);
  });
});

describe("help", () => {
  it("is what `ao`, `ao help` and `ao --help` print, with every command and alias", async () => {
    const { help } = await outcome([]);
    expect((await outcome(["help"])).help).toBe(help);
    expect((await outcome(["--help"])).help).toBe(help);
    for (const { name, isHidden, aliases = [] } of COMMANDS) {
      if (isHidden !== true) expect(help).toContain(`\n  ${[name, ...aliases].join(", ")} `);
    }
  });

  it("is the same for `ao help config show` and `ao config show --help`, and lists a family's commands", async () => {
    const { help } = await outcome(["config", "show", "--help"]);
    expect(help).toContain("Usage: ao config show [options]\n");
    expect((await outcome(["help", "config", "show"])).help).toBe(help);
    const family = (await outcome(["config"])).help;
    for (const name of ["config show", "config validate", "config schema"]) expect(family).toContain(name);
  });

  it.each([60, 80, 200])("breaks lines between words in %d columns", async (columns) => {
    for (const argv of [[], ...COMMANDS.map(({ name }) => ["help", ...name.split(" ")])]) {
      const { help } = await outcome(argv, columns);
      // An example is copied whole, so it keeps its line.
      const lines = help.split("\n").filter((line) => !/^ {2}(ao|cd|eval|git|set) /.test(line));
      for (const line of lines) expect(line.length, line).toBeLessThanOrEqual(Math.min(columns, 100));
    }
  });
});
