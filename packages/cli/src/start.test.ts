import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeTempDir, removeDir, tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { writeDaemonProgram } from "./testing/daemon-program.ts";
import { fakeDaemon } from "./testing/fake-daemon.ts";
import { buildAo, runAo, startAo } from "./testing/run-ao.ts";

const bundle = makeTempDir("ao-cli");
let ao = "";
beforeAll(async () => {
  ao = await buildAo(bundle);
});
afterAll(() => removeDir(bundle));

const linesOf = (file: string): string[] => (existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : []);

/** A home whose daemons are ended with the test, by the pids that they recorded. */
function homeOfDaemons(): string {
  const home = tempDir();
  onTestFinished(() => {
    for (const pid of linesOf(join(home, "starts"))) {
      try {
        process.kill(Number(pid), "SIGKILL");
      } catch {
        // it has ended already
      }
    }
  });
  return home;
}

describe("the first command", () => {
  it("starts a daemon that outlives it, without the marks of a session", async () => {
    writeDaemonProgram(bundle);
    const home = homeOfDaemons();
    const env = { AO_SESSION_ID: "app-1", AO_PORT_3: "1", TMUX: "x", KEPT: "1" };
    const first = await runAo(["status", "--json"], { home, ao, env });
    expect(first.status).toBe(0);
    const { meta } = JSON.parse(first.stdout);
    expect(meta.env).toContain("KEPT");
    for (const name of ["AO_SESSION_ID", "AO_PORT_3", "TMUX"]) expect(meta.env).not.toContain(name);
    expect((await runAo(["status"], { home, ao })).status).toBe(0);
    expect(linesOf(join(home, "starts"))).toHaveLength(1);
  });

  it("is served by one daemon, however many commands start at the same time", async () => {
    writeDaemonProgram(bundle);
    const home = homeOfDaemons();
    const all = await Promise.all(Array.from({ length: 6 }, () => runAo(["start", "--json"], { home, ao })));
    expect(all.map(({ status }) => status)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(new Set(all.map(({ stdout }) => JSON.parse(stdout).data.pid)).size).toBe(1);
  });

  it("waits for an ending daemon that still holds the lock", async () => {
    writeDaemonProgram(bundle);
    const home = homeOfDaemons();
    const lock = join(home, "daemon/lock");
    mkdirSync(lock, { recursive: true });
    const running = startAo(["status"], { home, ao });
    await waitFor(() => linesOf(join(home, "starts")).length >= 2, { what: "a second try" });
    removeDir(lock);
    expect((await running.ended).status).toBe(0);
  });

  it("reports why the daemon died, with its exit status", async () => {
    writeDaemonProgram(bundle, {
      before: 'process.stderr.write("ao daemon: the state is newer\\nInstall it.\\n"); process.exit(78);',
    });
    const home = homeOfDaemons();
    const { status, stderr } = await runAo(["status"], { home, ao });
    expect(status).toBe(78);
    expect(stderr).toBe("ao: the state is newer\n  hint: Install it.\n");
  });

  it("quotes the log of a daemon that crashed", async () => {
    writeDaemonProgram(bundle, { before: 'throw new Error("boom");' });
    const home = homeOfDaemons();
    const { status, stderr } = await runAo(["status"], { home, ao });
    expect(status).toBe(1);
    expect(stderr).toContain("the daemon ended while it was starting");
    const logs = await runAo(["logs"], { home, ao });
    expect(logs.stdout).toContain("boom");
  });

  it("reports what it can about the machine if the daemon cannot start", async () => {
    writeDaemonProgram(bundle, { before: "process.exit(1);" });
    const { status, stdout } = await runAo(["doctor"], { home: homeOfDaemons(), ao });
    expect(status).toBe(1);
    expect(stdout).toContain("✗ daemon:");
    expect(stdout).toMatch(/✓ node: Node \d/);
    expect(stdout).toContain("✓ git: git version");
  });

  it("says that a home that cannot be created is not usable", async () => {
    writeDaemonProgram(bundle);
    const home = tempDir();
    writeFileSync(join(home, "file"), "");
    const { status, stderr } = await runAo(["status"], { home, ao, env: { AO_HOME: join(home, "file/home") } });
    expect(status).toBe(69);
    expect(stderr).toContain("AO_HOME");
  });
});

describe("builds", () => {
  it("replace an older daemon, and print one line about it", async () => {
    const home = homeOfDaemons();
    writeDaemonProgram(bundle, { build: "1.2.3+older" });
    mkdirSync(home, { recursive: true });
    await runAo(["start"], { home, ao });
    writeDaemonProgram(bundle);
    const { status, stdout, stderr } = await runAo(["start", "--json"], { home, ao });
    expect(status).toBe(0);
    expect(JSON.parse(stdout).data.build).toBe("1.2.3+test");
    expect(stderr.trim().split("\n")).toEqual([
      "ao: replacing the daemon (1.2.3+older → 1.2.3+test), the agents keep running",
    ]);
  });

  it("never replace a newer daemon", async () => {
    const home = tempDir();
    const daemon = await fakeDaemon(home, { status: () => [] }, { build: "2.0.0+newer" });
    expect((await runAo(["status"], { home, ao })).status).toBe(0);
    expect(daemon.of("replace")).toEqual([]);
  });
});

describe("stop and restart", () => {
  it("return when the daemon's process is gone", async () => {
    writeDaemonProgram(bundle);
    const home = homeOfDaemons();
    await runAo(["start"], { home, ao });
    const [pid = ""] = linesOf(join(home, "starts"));
    expect(await runAo(["stop"], { home, ao })).toMatchObject({
      status: 0,
      stdout: "the daemon has stopped, the agents keep running\n",
    });
    expect(existsSync(`/proc/${pid}`)).toBe(false);
    expect((await runAo(["stop", "--json"], { home, ao })).stdout).toBe(
      '{"data":{"stopped":false,"sessionsEnded":0},"meta":{}}\n',
    );
    expect((await runAo(["restart"], { home, ao })).status).toBe(0);
    expect(linesOf(join(home, "starts"))).toHaveLength(2);
  });

  it("leave the daemon down for watchers, prompts, completions and hooks", async () => {
    writeDaemonProgram(bundle);
    const home = homeOfDaemons();
    expect(await runAo(["status", "--line"], { home, ao })).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(await runAo(["complete", "session"], { home, ao })).toEqual({ status: 0, stdout: "", stderr: "" });
    expect((await runAo(["report", "done", "--session", "app-1"], { home, ao })).status).toBe(0);
    expect(linesOf(join(home, "starts"))).toEqual([]);
  });
});
