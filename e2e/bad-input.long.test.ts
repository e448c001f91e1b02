import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { repoAt } from "@agent-orchestrator/testkit/temp-repo";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Answer } from "./support/ao.ts";
import { Sandbox } from "./support/sandbox.ts";

let box: Sandbox;
beforeAll(async () => {
  box = new Sandbox({ agentArgs: ["--idle"] });
  await box.ao("trust");
  await box.ao("spawn", "app", "1");
});
afterAll(() => box.close());

/** Command line, exit status, and a word of the error. */
const TABLE: [string, number, string][] = [
  ["frobnicate", 64, "unknown command"],
  ["stauts", 64, "status"],
  ["--frobnicate", 64, "unknown option"],
  ["status --frobnicate", 64, "frobnicate"],
  ["status one two", 64, "unexpected argument"],
  ["status nosuch", 66, "nosuch"],
  ["show", 64, "session"],
  ["show app-9", 66, "app-9"],
  ["show app", 66, "app"],
  ["show app-", 66, "app-"],
  ["show #99", 66, "#99"],
  ["explain app-9", 66, "app-9"],
  ["events app-9", 66, "app-9"],
  ["events -n many", 64, "many"],
  ["events --after x", 64, "x"],
  ["path app-9", 66, "app-9"],
  ["diff app-9", 66, "app-9"],
  ["exec app-9 -- true", 66, "app-9"],
  ["exec app-1", 64, "command"],
  ["attach app-9", 66, "app-9"],
  ["open app-9", 66, "app-9"],
  ["open app-1", 69, "browser"],
  ["send app-9 hello", 66, "app-9"],
  ["send app-1", 64, "message"],
  ["send app-1 --file /nonexistent", 64, "/nonexistent"],
  ["send app-1 x --timeout soon", 64, "soon"],
  ["interrupt app-9", 66, "app-9"],
  ["interrupt", 64, "session"],
  ["pause nosuch", 66, "nosuch"],
  ["resume nosuch", 66, "nosuch"],
  ["kill", 64, "session"],
  ["kill app-9", 66, "app-9"],
  ["kill app-1 app-9", 66, "app-9"],
  ["kill app-1 --rm", 73, "--yes"],
  ["restore app-9", 66, "app-9"],
  ["restore app-1", 73, "running"],
  ["cleanup now", 64, "unexpected argument"],
  ["review app-1", 64, "--approve"],
  ["review app-1 --approve --comment", 64, "one of"],
  ["review app-1 --request-changes", 64, "text"],
  ["review app-9 --approve", 66, "app-9"],
  ["review app-1 --approve", 66, "pull request"],
  ["review app-1 --comment -m x --at nowhere:0", 64, "path:line"],
  ["merge app-9", 66, "app-9"],
  ["merge app-1 --yes", 66, "pull request"],
  ["merge app-1 --method octopus", 64, "octopus"],
  ["pr create", 64, "session"],
  ["pr create --session app-9", 66, "app-9"],
  ["report", 64, "state"],
  ["report frob", 64, "frob"],
  ["report done", 64, "session"],
  ["report done --session app-9", 66, "app-9"],
  ["set app-1", 64, "pair"],
  ["set app-1 novalue", 64, "key=value"],
  ["set app-1 =x", 64, "key=value"],
  ["set app-1 status=merged", 73, "status"],
  ["set app-1 __proto__=x", 64, "key"],
  ["set app-9 a=b", 66, "app-9"],
  ["wait app-1", 64, "status"],
  ["wait app-1 --until frob", 64, "frob"],
  ["wait app-9 --until merged", 66, "app-9"],
  ["wait app-1 --until merged --timeout 100ms", 75, "merged"],
  ["spawn nosuch 1", 66, "nosuch"],
  ["spawn app 99", 66, "99"],
  ["spawn app ../../etc/passwd", 66, "passwd"],
  ["spawn app 1", 73, "app-1"],
  ["spawn app 2 --agent nosuch", 66, "nosuch"],
  ["spawn app 2 --runtime nosuch", 66, "nosuch"],
  ["spawn app 2 --workspace nosuch", 66, "nosuch"],
  ["spawn app 2 --base nosuch", 78, "nosuch"],
  ["spawn app 2 --branch -x", 64, "-x"],
  ["spawn app 2 --branch a..b", 64, "a..b"],
  ["spawn app --prompt", 64, "prompt"],
  ["spawn app -e", 64, "terminal"],
  ["trust me", 64, "unexpected argument"],
  ["notify test nosuch", 66, "nosuch"],
  ["completion tcsh", 64, "tcsh"],
  ["config frob", 64, "frob"],
  ["--config /nonexistent status extra extra", 64, "unexpected argument"],
  ["--config /nonexistent spawn 1", 78, "/nonexistent"],
  ["answer app-1 yes", 73, "has no open question"],
  ["answer app-9 yes", 66, "app-9"],
  ["answer --all yes", 73, "no open question"],
  ["stop --frob", 64, "frob"],
  ["init /nonexistent", 78, "/nonexistent"],
  ["logs extra", 64, "unexpected argument"],
  ["help frob", 64, "frob"],
];

/** One line and one hint on stderr, nothing else; or one document on stdout. */
function expectManners(answer: Answer, status: number, word: string): void {
  const lines = answer.stderr.trimEnd().split("\n");
  expect({ status: answer.status, said: answer.stderr, out: answer.stdout }).toMatchObject({ status, out: "" });
  expect(lines.length, answer.stderr).toBeLessThanOrEqual(2);
  expect(lines[0]).toMatch(/^ao: /);
  if (lines.length === 2) expect(lines[1]).toMatch(/^ {2}hint: /);
  expect(answer.stderr.toLowerCase()).toContain(word.toLowerCase());
  expect(answer.stderr).not.toMatch(/^\s+at .*\.(js|ts):\d+|undefined|\[object/m);
}

describe("bad input", () => {
  it.each(TABLE)("ao %s exits %d and mentions %s", async (line, status, word) => {
    const words = line.split(" ");
    const [plain, json] = await Promise.all([
      box.ao(...words),
      line.includes("--json") ? null : box.ao("--json", ...words),
    ]);
    expectManners(plain, status, word);
    if (json === null) return;
    expect(json.status).toBe(status);
    expect(json.stderr).toBe("");
    const { error } = JSON.parse(json.stdout);
    expect(Object.keys(error)).toEqual(["code", "message", "hint"]);
    expect(plain.stderr).toContain(error.message.split("\n")[0].slice(0, 60));
  });

  it("does not make `ao events --all` fail, which prints the records of `ao` as well", async () => {
    const { status, stdout } = await box.ao("events", "--all");
    expect({ status, stdout }).toMatchObject({ status: 0, stdout: expect.stringMatching(/ao\.session\.new/) });
    expect(stdout).not.toMatch(/undefined|\[object/);
  });

  it("leaves nothing behind", async () => {
    expect((await box.json<{ id: string }[]>("status", "--all")).map(({ id }) => id)).toEqual(["app-1"]);
    expect(box.branches()).toEqual(["feat/1"]);
    expect(box.worktrees()).toHaveLength(1);
  });
});

/** A PATH with everything but these programs. */
function pathWithout(...names: string[]): string {
  const dir = join(box.dir, `bin-without-${names.join("-")}`);
  mkdirSync(dir, { recursive: true });
  for (const from of (process.env.PATH ?? "").split(":").toReversed()) {
    let programs: string[] = [];
    try {
      programs = readdirSync(from);
    } catch {
      continue; // a folder of PATH that does not exist
    }
    for (const program of programs) {
      if (names.includes(program)) continue;
      try {
        symlinkSync(join(from, program), join(dir, program));
      } catch {
        // a program of this name was first on PATH
      }
    }
  }
  return dir;
}

describe("a missing requirement", () => {
  it.each(["tmux", "git"])("without %s: 69, with a hint", async (program) => {
    const other = new Sandbox({ agentArgs: ["--idle"] });
    try {
      const env = { PATH: pathWithout(program) };
      writeFileSync(join(other.dir, ".profile"), `export PATH=${env.PATH}\n`);
      await other.aoWith({ env }, "trust");
      const answer = await other.aoWith({ env }, "spawn", "app", "1");
      expectManners(answer, 69, program);
      expect(answer.stderr).toContain("hint:");
      expect((await other.aoWith({ env }, "doctor")).stdout).toContain(program);
      expect(other.branches()).toEqual([]);
      expect(other.worktrees()).toEqual([]);
    } finally {
      await other.close();
    }
  });

  it("a missing agent program: 69", async () => {
    const other = new Sandbox({ agentConfig: "{ command: no-such-agent }" });
    try {
      await other.ao("trust");
      expectManners(await other.ao("spawn", "app", "1"), 69, "no-such-agent");
      expect(await other.json("status", "--all")).toEqual([]);
    } finally {
      await other.close();
    }
  });

  it("a folder that is not a repository, one without a commit, or a missing config: 78", async () => {
    const plain = join(box.dir, "plain");
    mkdirSync(plain);
    expectManners(await box.aoWith({ cwd: plain }, "spawn", "1"), 78, "ao init");
    expectManners(await box.aoWith({ cwd: plain }, "init"), 78, "git");
    writeFileSync(
      join(plain, "agent-orchestrator.yaml"),
      "projects: { plain: { agentConfig: { command: sleep, args: ['100'] } } }\n",
    );
    await box.aoWith({ cwd: plain }, "trust");
    expectManners(await box.aoWith({ cwd: plain }, "spawn", "plain", "--prompt", "x"), 78, "git");
    const empty = repoAt(join(box.dir, "empty"), {});
    empty.git("update-ref", "-d", "HEAD");
    writeFileSync(
      join(empty.path, "agent-orchestrator.yaml"),
      "projects: { empty: { agentConfig: { command: sleep, args: ['100'] } } }\n",
    );
    await box.aoWith({ cwd: empty.path }, "trust");
    expectManners(await box.aoWith({ cwd: empty.path }, "spawn", "empty", "--prompt", "x"), 78, "commit");
  });

  it("a broken config: 78, with every problem at once, each with its line", async () => {
    const dir = join(box.dir, "broken");
    repoAt(dir);
    writeFileSync(
      join(dir, "agent-orchestrator.yaml"),
      "defaults: { runtme: tmux }\nprojects:\n  app:\n    symlinks: ['../x']\n    reactions: { ci-failed: { retries: many } }\n    nosuchkey: 1\n",
    );
    const answer = await box.aoWith({ cwd: dir }, "config", "validate");
    expect(answer.status).toBe(78);
    for (const part of [":1:", ":4:", ":5:", ":6:", "runtime"]) expect(answer.stderr).toContain(part);
    writeFileSync(join(dir, "agent-orchestrator.yaml"), "projects:\n  app: [unclosed\n");
    expectManners(await box.aoWith({ cwd: dir }, "spawn", "1"), 78, "agent-orchestrator.yaml:");
  });

  it("a home of a newer version: 78, unchanged", async () => {
    const other = new Sandbox();
    try {
      await other.ao("status");
      await other.ao("stop");
      const events = readdirSync(join(other.home, "events"));
      expect(events.length).toBeGreaterThan(0);
    } finally {
      await other.close();
    }
  });
});
