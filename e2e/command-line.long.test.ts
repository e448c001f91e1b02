import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { afterEach, describe, expect, it } from "vitest";
import { AO, Sandbox, type SandboxOptions } from "./support/sandbox.ts";

let box: Sandbox;
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") process.stderr.write(await box.diagnose());
  await box.close();
});

const idle: SandboxOptions = { runtime: "process", agentArgs: ["--idle"] };
const count = (text: string, part: string) => text.split(part).length - 1;

describe("ao spawn, and its dry run in the same words, refuses", () => {
  it("what cannot start", async () => {
    box = new Sandbox({ ...idle, project: "    scm: { plugin: local }" });
    await box.ao("trust");
    box.repo.git("branch", "feat/free");
    expect((await box.ao("spawn", "1", "--branch", "feat/used")).status).toBe(0);
    const task = ["-p", "work"];
    const cases: [string[], number, string][] = [
      [[], 64, "no task"],
      [["app"], 64, "no task"],
      [["fix", "the", "login"], 64, 'ao spawn -p "fix the login"'],
      [["app", "fix", "the", "login"], 64, 'ao spawn app -p "fix the login"'],
      [["99"], 66, "99"],
      [["1"], 73, "has a live session"],
      [["nosuch", "1"], 66, "no project nosuch"],
      [[...task, "--branch", "main"], 73, "branch main is checked out in"],
      [[...task, "--branch", "feat/used"], 73, "in use by app-1"],
      [["2", "3", "--branch", "feat/free"], 73, "one session only"],
      [[...task, "--branch", "a..b"], 64, "a..b"],
      [[...task, "--base", "nosuch"], 78, "nosuch"],
      [[...task, "--agent", "nosuch"], 66, "nosuch"],
      [[...task, "--runtime", "nosuch"], 66, "nosuch"],
      [[...task, "--workspace", "nosuch"], 66, "nosuch"],
    ];
    for (const [words, status, part] of cases) {
      const real = await box.ao("spawn", ...words);
      const dry = await box.ao("spawn", ...words, "--dry-run");
      expect.soft([real.status, real.stdout], words.join(" ")).toEqual([status, ""]);
      expect.soft(real.stderr, words.join(" ")).toContain(part);
      expect.soft([dry.status, dry.stderr], words.join(" ")).toEqual([real.status, real.stderr]);
    }
    expect((await box.ao("spawn", ...task, "--branch", "feat/free", "--dry-run")).status).toBe(0);
    expect((await box.get("status", { all: true })).map(({ id }) => id)).toEqual(["app-1"]);
  });

  it("what the config does not have", async () => {
    box = new Sandbox({ ...idle, project: "    scm: { plugin: local }\n    defaultBranch: nosuch" });
    await box.ao("trust");
    const dry = await box.ao("spawn", "1", "--dry-run");
    expect([dry.status, dry.stdout]).toEqual([78, ""]);
    expect(dry.stderr).toContain("nosuch");
    expect(await box.get("status", { all: true })).toEqual([]);
  });
});

it("config validate prints each problem once, and several on separate lines", async () => {
  box = new Sandbox({ ...idle, project: "    scm: { plugin: local }\n    nosuch: 1" });
  const one = await box.ao("config", "validate");
  expect([one.status, count(one.stderr, "nosuch")]).toEqual([78, 1]);
  box.configure({ ...idle, project: "    scm: { plugin: local }\n    nosuch: 1\n    other: 2\n    third: 3" });
  const many = await box.ao("config", "validate");
  const lines = many.stderr.trim().split("\n");
  for (const name of ["nosuch", "other", "third"]) expect(lines.filter((line) => line.includes(name))).toHaveLength(1);
  expect(many.stderr).toContain("ao: the config has 3 problems\n");
  expect(many.status).toBe(78);
});

describe("config validate reports everything that a spawn would refuse, one problem per line, and starts nothing", () => {
  const refused = async (top: string, projects: string) => {
    writeFileSync(join(box.repo.path, "agent-orchestrator.yaml"), `${top}\nprojects:\n${projects}\n`);
    await box.ao("trust");
    const { status, stderr } = await box.ao("config", "validate");
    return {
      status,
      lines: stderr
        .trim()
        .split("\n")
        .filter((line) => !/^ao: the config has|^ {2}hint:/.test(line)),
    };
  };
  const works = "agentConfig: { command: sh }";

  it("in projects, plugins, their options, notifiers and branches", async () => {
    box = new Sandbox(idle);
    const { status, lines } = await refused(
      `defaults: { runtime: process }
agents: { big: { plugin: command, command: "" } }
notifiers: { chat: { plugin: nosuch-chat }, desktop: { sound: true } }
notificationRouting: { urgent: [other], action: [chat] }`,
      `  gone: { path: ./nosuch-folder, ${works} }
  plain: { path: .., ${works} }
  life: { agentConfig: { command: sh, lifetime: foo } }
  quiet: { agentConfig: { command: sh, quietMs: 1 } }
  empty: { agent: command }
  slots: { ${works}, runtime: nosuch-r, workspace: nosuch-w, tracker: nosuch-t, scm: nosuch-s }
  own: { ${works}, runtime: { plugin: process, nosuch: 1 } }
  base: { ${works}, defaultBranch: nosuch-branch }
  unset: { agentConfig: { command: sh, env: { A: "\${AO_TEST_NOSUCH}" } } }`,
    );
    expect(status).toBe(78);
    for (const part of [
      ...[
        "projects.gone",
        "projects.plain",
        "projects.life",
        "projects.quiet",
        "projects.empty",
        "nosuch-r",
        "nosuch-w",
      ],
      ...["nosuch-t", "nosuch-s", "projects.base", "AO_TEST_NOSUCH", "agents.big", "notifiers.chat"],
      ...["notifiers.desktop", "notificationRouting.urgent"],
    ])
      expect(lines.filter((line) => line.includes(part)).length, `${part} in ${lines.join("\n")}`).toBe(1);
    expect(await box.get("status", { all: true })).toEqual([]);
  });

  it("names the place of a notifier that does not exist, and what was probably meant", async () => {
    box = new Sandbox(idle);
    const { status, lines } = await refused(
      "notifiers: { chat: { plugin: command, command: sh } }\ndefaults: { notifiers: [chta] }",
      `  app: { ${works}, runtime: process }`,
    );
    expect([status, lines.filter((line) => line.includes("chta"))]).toEqual([
      78,
      [expect.stringMatching(/:2: defaults\.notifiers: no notifier `chta` is defined .*; did you mean `chat`\?$/)],
    ]);
  });

  it("and passes what can start", async () => {
    box = new Sandbox(idle);
    const { status, lines } = await refused("", `  app: { ${works}, runtime: process, cwd: nosuch }`);
    expect([status, lines]).toEqual([0, [""]]);
    expect((await box.ao("config", "validate")).stdout).toContain("projects.app.cwd: there is no folder nosuch");
  });

  it("also in every other command", async () => {
    box = new Sandbox({ ...idle, project: "    scm: { plugin: local }\n    nosuch: 1\n    other: 2" });
    for (const words of [["spawn", "1"], ["trust", "--yes"], ["issues"]]) {
      const { stderr } = await box.ao(...words);
      expect(stderr, words.join(" ")).not.toContain(" · ");
      expect(stderr, words.join(" ")).toMatch(/^ao: the config has 2 problems:\n {2}\S+: .*nosuch.*\n {2}\S+: .*other/);
    }
  });
});

it("shows what a long postCreate does, and continues when the waiting command is interrupted", async () => {
  const gate = join("/tmp", `ao-gate-${process.pid}-${Date.now()}`);
  const line = `echo installing; printf 'half\\rall 7 of 9\\n'; until test -e ${gate}; do sleep 0.1; done`;
  box = new Sandbox({
    ...idle,
    project: `    scm: { plugin: local }\n    postCreate: [echo one, ${JSON.stringify(line)}]`,
  });
  await box.ao("trust");
  const waiting = spawn(process.execPath, [AO, "spawn", "1"], { cwd: box.repo.path, env: box.env, stdio: "pipe" });
  let said = "";
  waiting.stderr.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  const exited = once(waiting, "exit");
  const show = async () => (await box.ao("show", "app-1")).stdout;
  await waitFor(async () => (await show()).includes("all 7 of 9"), { timeoutMs: 20_000, what: "the last line" });
  expect(await show()).toMatch(/set-up +echo installing; .*\(\d+ s\): all 7 of 9/);
  // In 80 columns there is room for the command, its time and its last line.
  expect((await box.ao("status")).stdout.replace(/\s+/g, " ")).toMatch(/echo installing;.*… \(\d+ ?s\): all 7 of 9/);
  const [view] = await box.get("status", {});
  expect(view?.setUp).toMatchObject({ command: expect.stringContaining("echo installing"), lastLine: "all 7 of 9" });
  waiting.kill("SIGINT");
  expect(await exited).toEqual([130, null]);
  expect(said).toContain("ao: stopped waiting; app-1 keeps starting\n");
  writeFileSync(gate, "");
  await box.get("wait", { session: "app-1", until: ["working"], timeoutMs: 20_000 });
  expect(await show()).not.toContain("set-up");
  rmSync(gate);
});

const plugin = (slot: string, name: string, methods: string) =>
  `export const manifest = { name: "${name}", slot: "${slot}", description: "d", version: "1" };
export const create = () => (${methods});
`;

const said = (channel: string) =>
  expect.stringMatching(new RegExp(`^✓ ${channel}: sent\\n {2}title {5}ao: test\\n[^✓✗]*$`));

it("notify test sends through any channel by name, even if nothing is routed to it", async () => {
  const top = `plugins: [{ path: ./own.mjs }, { path: ./bare.mjs }]
notifiers: { mine: { plugin: own } }
notificationRouting: { urgent: [], action: [] }`;
  const files = {
    "own.mjs": plugin("notifier", "own", "{ notify: async () => undefined }"),
    "bare.mjs": plugin("notifier", "bare", "{ notify: async () => undefined }"),
  };
  box = new Sandbox({ ...idle, top, files });
  await box.ao("trust");
  expect(await box.ao("notify", "test", "mine")).toMatchObject({ status: 0, stdout: said("mine") });
  expect(await box.ao("notify", "test", "bare")).toMatchObject({ status: 0, stdout: said("bare") });
  expect(await box.ao("notify", "test")).toMatchObject({ status: 0, stdout: said("mine") });
  expect((await box.ao("notify", "test", "nosuch")).status).toBe(66);
});

it("says that no notification can reach you only while that is so", async () => {
  const top = `plugins: [{ path: ./own.mjs }]\nnotifiers: { mine: { plugin: own } }\n`;
  const files = { "own.mjs": plugin("notifier", "own", "{ notify: async () => undefined }") };
  box = new Sandbox({ ...idle, top: `${top}notificationRouting: { urgent: [desktop], action: [] }`, files });
  const shown = async () => (await box.ao("status")).stdout;
  await box.ao("trust");
  expect(await shown()).toMatch(/no notification can reach you \(desktop: .*;\s+nothing\s+is\s+routed\s+to\s+mine\)/s);
  box.configure({ ...idle, top: `${top}notificationRouting: { urgent: [mine], action: [mine] }` });
  await box.ao("trust");
  expect(await shown()).not.toContain("no notification can reach you");
  expect(await shown()).not.toContain("no notification can reach you");
  expect((await box.ao("doctor")).stdout).toContain("✓ notifications: notifications can reach you\n");
});

it("doctor prints each finding once, however many projects share it", async () => {
  const other = `  second: { path: ., sessionPrefix: two, agentConfig: { command: sh, args: [-c, "true"] } }
  third: { path: ., sessionPrefix: three, agentConfig: { command: sh, args: [-c, "false"] } }`;
  box = new Sandbox({ ...idle, project: `    scm: { plugin: local }\n${other}` });
  await box.ao("trust");
  const lines = (await box.ao("doctor")).stdout.split("\n").filter((line) => line !== "");
  expect(lines.filter((line) => line.includes("sh can be started"))).toHaveLength(1);
  expect(lines).toEqual([...new Set(lines)]);
});

it("plugin list shows what a plugin of any slot lacks, used or not, and which one has changed since it was loaded", async () => {
  const slots = ["runtime", "agent", "workspace", "tracker", "scm", "notifier", "terminal"];
  const files = {
    ...Object.fromEntries(slots.map((slot) => [`${slot}.mjs`, plugin(slot, `own-${slot}`, "{}")])),
    "used.mjs": plugin("notifier", "used", "{ notify: async () => undefined }"),
    "wants.mjs": plugin("notifier", "wants", "(() => { throw new Error('needs a path') })()"),
  };
  const paths = [...slots, "used", "wants"].map((name) => `{ path: ./${name}.mjs }`).join(", ");
  box = new Sandbox({ ...idle, top: `plugins: [${paths}]\nnotifiers: { used: {} }`, files });
  await box.ao("trust");
  const listed = await box.ao("plugin", "list", "--json");
  expect(listed.status).toBe(1);
  const rows = () => Object.fromEntries(JSON.parse(listed.stdout).data.map((row: { name: string }) => [row.name, row]));
  for (const slot of slots) expect(rows()[`own-${slot}`].problem, slot).toMatch(/lacks \w+/);
  expect(rows()["own-notifier"].problem).toContain("lacks notify()");
  expect([rows().used.problem, rows().wants.problem]).toEqual([null, null]);
  const file = join(box.repo.path, "used.mjs");
  writeFileSync(file, `${readFileSync(file, "utf8")}// changed\n`);
  utimesSync(file, 2_000_000_000, 2_000_000_000);
  await box.ao("trust");
  const changed = (await box.ao("plugin", "list")).stdout;
  expect(changed).toMatch(/notifier +used .*changed: d/);
  expect(changed).toContain("`ao restart` loads it again");
  await box.ao("restart");
  await box.ao("notify", "test", "used");
  expect((await box.ao("plugin", "list")).stdout).not.toContain("changed:");
});

/** A PATH with all programs of this machine except these. */
function pathWithout(...names: string[]): string {
  const bin = join(box.dir, "bin");
  mkdirSync(bin);
  for (const folder of ["/bin", "/usr/bin", "/usr/local/bin"]) {
    for (const name of readdirSync(folder)) {
      if (names.includes(name)) continue;
      try {
        symlinkSync(join(folder, name), join(bin, name));
      } catch {
        // an earlier folder of PATH has it
      }
    }
  }
  symlinkSync(process.execPath, join(bin, "node-of-test"));
  return bin;
}

it("init names the programs that the config needs and this machine lacks, and uses no tmux if it is missing", async () => {
  box = new Sandbox({ ...idle, files: { "Cargo.toml": "[package]\n", "uv.lock": "" } });
  const PATH = pathWithout("tmux", "cargo", "uv");
  box.repo.git("rm", "-q", "--cached", "-r", ".ao");
  const dir = join(box.dir, "new");
  mkdirSync(dir);
  box.repo.git("init", "-q", "-b", "main", dir);
  writeFileSync(join(dir, "Cargo.toml"), "[package]\n");
  writeFileSync(join(dir, "uv.lock"), "");
  box.repo.git("-C", dir, "add", "-A");
  box.repo.git("-C", dir, "commit", "-qm", "Begin");
  const made = await box.aoWith({ cwd: dir, env: { PATH } }, "init");
  expect(made.status, made.stderr).toBe(0);
  expect(made.stdout).toContain("cargo is not on PATH, and scm.ci.test needs it");
  expect(made.stdout).toContain("uv is not on PATH, and postCreate, scm.ci.test need it");
  expect(made.stdout).toContain("tmux is not installed");
  expect(readFileSync(join(dir, "agent-orchestrator.yaml"), "utf8")).toContain("defaults: { runtime: process }");
  const doctor = await box.aoWith({ cwd: dir, env: { PATH } }, "doctor");
  expect(doctor.stdout).toMatch(/cargo is not on PATH, and scm\.ci\.test needs it/);
  expect(doctor.stdout).toMatch(/uv is not on PATH, and postCreate, scm\.ci\.test-?2? need it/);
});
