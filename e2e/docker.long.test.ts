import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { startDockerd, type TestEngine, whyNoDockerd } from "@agent-orchestrator/testkit/dockerd";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { AGENT, type AgentEvent, Sandbox } from "./support/sandbox.ts";

const why = whyNoDockerd();
let engine: TestEngine;
let box: Sandbox | undefined;

/** The agents' own log. Not the sandbox's, which takes the pids in it for this machine's. */
const logDir = (): string => join(box?.dir ?? "", "log");
const events = (): AgentEvent[] => {
  const file = join(logDir(), "agent.log");
  const lines = existsSync(file) ? readFileSync(file, "utf8").split("\n").filter(Boolean) : [];
  return lines.map((line) => JSON.parse(line));
};
const messages = (): string[] => events().flatMap(({ event, text }) => (event === "message" ? [text ?? ""] : []));

function sandbox(more: Record<string, unknown> = {}): Sandbox {
  const made = new Sandbox();
  box = made;
  mkdirSync(logDir());
  const options = {
    plugin: "docker",
    ...engine.options,
    mounts: [...engine.options.mounts, dirname(AGENT), { source: logDir(), readOnly: false }],
    env: { AGENT_LOG: join(logDir(), "agent.log") },
    ...more,
  };
  made.configure({ project: `    scm: { plugin: local, ci: [] }\n    runtime: ${JSON.stringify(options)}` });
  return made;
}

/** Has the agent run a line in its container. */
async function inside(session: string, line: string): Promise<{ status: number; text: string }> {
  const before = events().length;
  const sent = await box?.ao("send", session, `run ${line}`);
  expect(sent?.stderr).toBe("");
  const ran = await waitFor(
    () =>
      events()
        .slice(before)
        .find(({ event }) => event === "ran"),
    {
      timeoutMs: 30_000,
      what: line,
    },
  );
  return { status: ran.status ?? -1, text: `${ran.stdout}${ran.stderr}` };
}

describe.skipIf(why !== null)(`sessions in containers${why === null ? "" : ` (skipped: ${why})`}`, () => {
  beforeAll(async () => {
    engine = await startDockerd();
  }, 120_000);
  afterAll(() => engine.remove(), 120_000);
  afterEach(async ({ task }) => {
    if (task.result?.state === "fail") process.stderr.write((await box?.diagnose()) ?? "");
    await box?.close();
  });

  it("are spawned, told, explained, adopted by the next daemon, ended and restored", async () => {
    const { repo } = sandbox();
    const it = box as Sandbox;
    await it.start();
    await it.trust();
    const [session] = await it.get("spawn", { words: ["app", "1"] });
    expect(session).toMatchObject({ id: "app-1", branch: "feat/1" });
    await waitFor(() => repo.git("rev-list", "--count", "feat/1").trim() === "2", { timeoutMs: 30_000 });
    await it.get("wait", { session: "app-1", until: ["review_pending"], timeoutMs: 30_000 });
    expect(repo.git("log", "-1", "--format=%an", "feat/1")).toBe(repo.git("log", "-1", "--format=%an", "main"));
    await it.get("send", { session: "app-1", text: "one more" });
    await waitFor(() => messages().includes("one more"), { timeoutMs: 20_000, what: "the message" });
    await waitFor(() => repo.git("rev-list", "--count", "feat/1").trim() === "3", { timeoutMs: 20_000 });
    expect((await it.ao("explain", "app-1")).stdout).toMatch(/process: launch 1 runs as \d+/);

    expect((await inside("app-1", "ao report working --note 'step 2'")).text).toBe("app-1: working\n");

    await it.kill9();
    await it.start();
    await it.get("send", { session: "app-1", text: "after a restart" });
    await waitFor(() => messages().includes("after a restart"), { timeoutMs: 20_000, what: "the second message" });
    expect(events().filter(({ event }) => event === "start")).toHaveLength(1);

    await it.get("kill", { sessions: ["app-1"], isConfirmed: true });
    await waitFor(() => engine.docker("ps", "-aq").trim() === "", { timeoutMs: 20_000, what: "its container's end" });
    await it.get("restore", { session: "app-1" });
    await waitFor(() => events().filter(({ event }) => event === "start").length === 2, { timeoutMs: 30_000 });
    await it.get("send", { session: "app-1", text: "restored" });
    await waitFor(() => messages().includes("restored"), { timeoutMs: 20_000, what: "the message after the restore" });
    expect(new Set(messages()).size).toBe(messages().length);
  }, 240_000);

  it("reach nothing of the machine but their own folders", async () => {
    const { repo } = sandbox();
    const it = box as Sandbox;
    await it.start();
    await it.trust();
    await it.get("spawn", { words: ["app", "2"] });
    await it.get("spawn", { words: ["app", "1"] });
    await it.get("wait", { session: "app-2", until: ["review_pending"], timeoutMs: 60_000 });
    const own = (await it.get("show", { session: "app-2" })).workspacePath ?? "";
    const other = (await it.get("show", { session: "app-1" })).workspacePath ?? "";
    const git = join(repo.path, ".git");
    const before = { config: readFileSync(join(git, "config"), "utf8"), head: repo.git("rev-parse", "main") };
    writeFileSync(join(it.home, "secret"), "of the home");
    const got: string[] = [];
    for (const line of escapes({ own, other, git, repo: repo.path, home: it.home, pid: process.pid })) {
      const { text } = await inside("app-2", `(${line}) >/dev/null 2>&1 && echo escaped`);
      if (text !== "") got.push(line);
    }
    expect(got).toEqual([]);
    expect(readFileSync(join(git, "config"), "utf8")).toBe(before.config);
    expect(repo.git("rev-parse", "main")).toBe(before.head);
    expect(existsSync(join(git, "hooks/pre-commit"))).toBe(false);
    expect((await inside("app-2", "git commit --allow-empty -qm 'still works' && echo committed")).text).toBe(
      "committed\n",
    );
  }, 240_000);

  it("are refused with 69 and a hint where there is no engine, or no image", async () => {
    sandbox({ host: "unix:///nowhere/docker.sock" });
    await box?.start();
    await box?.trust();
    const refused = await box?.ao("spawn", "1");
    expect(refused).toMatchObject({ status: 69 });
    expect(refused?.stderr).toMatch(/no Docker engine answers at unix:\/\/\/nowhere\/docker\.sock[\s\S]*Start it/);
    const doctor = (await box?.ao("doctor"))?.stdout;
    expect(doctor).toContain("no Docker engine answers");
    await box?.close();
    sandbox({ image: "nowhere/none:1" });
    await box?.start();
    await box?.trust();
    const missing = await box?.ao("spawn", "1");
    expect(missing).toMatchObject({ status: 69 });
    expect(missing?.stderr).toContain("nowhere/none:1 is not here");
  }, 120_000);
});

interface Targets {
  own: string;
  other: string;
  git: string;
  repo: string;
  home: string;
  pid: number;
}

/** Each succeeds if it gets out. */
const escapes = ({ own, other, git, repo, home, pid }: Targets): string[] => [
  "test -S /var/run/docker.sock || test -S /run/docker.sock",
  `ls ${other}`,
  `cat ${home}/secret`,
  `cat ${home}/daemon/token`,
  `ls ${home}/daemon/ao.sock`,
  `ls ${home}/events`,
  `touch ${home}/daemon/bin/ao`,
  `cat ${repo}/README.md`,
  `git config -f ${git}/config core.hooksPath /tmp`,
  `printf x >>${git}/config`,
  `printf x >${git}/hooks/pre-commit`,
  `printf 'ref: refs/heads/x' >${git}/HEAD`,
  `printf x >${git}/index`,
  `git -C ${own} update-ref refs/heads/main HEAD`,
  `git -C ${own} update-ref refs/heads/other HEAD`,
  `rm ${own}/.git`,
  `printf 'gitdir: /tmp' >${own}/.git`,
  `mv ${own}/.git ${own}/.git-old`,
  `printf /tmp >$(git -C ${own} rev-parse --git-dir)/commondir`,
  `git -C ${own} config --worktree core.fsmonitor /bin/true`,
  `printf /tmp >${git}/objects/info/alternates`,
  `kill -0 ${pid}`,
  "mount -t tmpfs none /mnt || mount -o remount,rw /usr",
  "mknod /tmp/disk b 8 0",
  "chroot /proc/1/root true || unshare -m true",
  "printf 1 >/proc/sys/kernel/core_pattern",
  'node -e \'require("net").connect(80, "169.254.169.254").once("connect", () => process.exit(0)).once("error", () => process.exit(1)).setTimeout(2000, () => process.exit(1))\'',
];
