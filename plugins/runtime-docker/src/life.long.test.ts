import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { startDockerd, type TestEngine, whyNoDockerd } from "@agent-orchestrator/testkit/dockerd";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bench } from "./testing/bench.ts";

const why = whyNoDockerd();
const sh = (script: string): string[] => ["/bin/sh", "-c", script];

describe.skipIf(why !== null)(`the life of a container${why === null ? "" : ` (skipped: ${why})`}`, () => {
  let engine: TestEngine;
  beforeAll(async () => {
    engine = await startDockerd();
  }, 120_000);
  afterAll(() => engine.remove(), 120_000);

  test("running out of memory is told apart from an exit, with the limit", async () => {
    const { runtime, start, facts } = bench(engine, { memory: "64m" });
    const handle = await start(["node", "-e", "const kept = []; for (;;) kept.push(Buffer.alloc(4e6, 1));"]);
    const seen = await facts(handle);
    const end = await waitFor(() => seen.find((fact) => fact.kind === "exit"), { timeoutMs: 30_000 });
    expect(end).toMatchObject({ kind: "exit", exit: { code: null, signal: "SIGKILL" } });
    expect(end.kind === "exit" && end.lastOutput).toContain("ran out of memory: the limit is 64 MiB");
    expect(await runtime.getOutput(handle)).toContain("ran out of memory: the limit is 64 MiB");
  });

  test("a plain exit says nothing of memory", async () => {
    const { runtime, start, facts } = bench(engine);
    const handle = await start(sh("echo done; exit 137"));
    const seen = await facts(handle);
    await waitFor(() => seen.some((fact) => fact.kind === "exit"));
    expect(await runtime.getOutput(handle)).toBe("done");
  });

  test("the limits hold: processes, memory and rights", async () => {
    const { runtime, start } = bench(engine, { pids: 20, memory: "128m" });
    const handle = await start(
      sh(
        "grep -E 'CapEff|NoNewPrivs' /proc/self/status; cat /sys/fs/cgroup/pids/pids.max /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null || cat /sys/fs/cgroup/pids.max /sys/fs/cgroup/memory.max; exec cat",
      ),
    );
    const output = await waitFor(async () => {
      const text = await runtime.getOutput(handle);
      return text.includes("134217728") ? text : null;
    });
    expect(output).toMatch(/CapEff:\s+0000000000000000/);
    expect(output).toMatch(/NoNewPrivs:\s+1/);
    expect(output.split("\n")).toContain("20");
    const { rssBytes, cpuMs } = (await runtime.getMetrics?.(handle)) ?? { rssBytes: 0, cpuMs: -1 };
    expect(rssBytes).toBeGreaterThan(0);
    expect(rssBytes).toBeLessThan(134_217_728);
    expect(cpuMs).toBeGreaterThanOrEqual(0);
  });

  test("nothing of the session's environment is in the container's settings or in a file", async () => {
    const { context, runtime, start } = bench(engine);
    const environment = { AO_SESSION_ID: "x", TOKEN: "s3cret-value" };
    const handle = await start(sh('echo "$TOKEN"; exec cat'), { environment });
    await waitFor(async () => (await runtime.getOutput(handle)).includes("s3cret-value"));
    expect(engine.docker("inspect", handle.id)).not.toContain("s3cret-value");
    const files = readdirSync(context.home, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    for (const file of files)
      expect(readFileSync(join(file.parentPath, file.name), "utf8")).not.toContain("s3cret-value");
  });

  test("a container that is killed, and one that is removed, are told as that", async () => {
    const { start, facts } = bench(engine);
    const [killed, removed] = [await start(["cat"]), await start(["cat"])];
    const [ofKilled, ofRemoved] = [await facts(killed), await facts(removed)];
    engine.docker("kill", killed.id);
    engine.docker("rm", "-f", removed.id);
    const exit = await waitFor(() => ofKilled.find(({ kind }) => kind === "exit"));
    expect(exit).toMatchObject({ exit: { code: null, signal: "SIGKILL" } });
    const lost = await waitFor(() => ofRemoved.find(({ kind }) => kind === "lost"));
    expect(lost).toMatchObject({ reason: "its container was removed" });
  });

  test("an engine that is restarted ends its containers, and that is told once it is back", async () => {
    const { runtime, start, facts } = bench(engine);
    const handle = await start(["cat"]);
    const seen = await facts(handle);
    await engine.stop();
    await expect(runtime.isAlive(handle)).rejects.toMatchObject({ code: "UNAVAILABLE", hint: /[Ss]tart it/ });
    await engine.start();
    const end = await waitFor(() => seen.find(({ kind }) => kind === "exit"), { timeoutMs: 20_000 });
    expect(end).toMatchObject({ kind: "exit" });
    expect(await runtime.isAlive(handle)).toBe(false);
  }, 180_000);

  test("programs beside the agent's run in the same container", async () => {
    const { context, runtime, start, workspacePath } = bench(engine);
    const handle = await start(["cat"]);
    const { sessionId, instanceId } = handle.data as { sessionId: string; instanceId: string };
    const sessionDir = join(context.home, "private", sessionId);
    const place = runtime.place?.({ sessionId, instanceId, workspacePath, sessionDir });
    const answer = await place?.run(["/bin/sh", "-c", "pwd; cat; echo no >&2; exit 5"], { input: "from outside\n" });
    expect(answer).toEqual({ exitCode: 5, stdout: `${workspacePath}\nfrom outside\n`, stderr: "no\n" });
    await place?.writeFile(join(sessionDir, "note"), "kept");
    expect((await place?.run(["cat", join(sessionDir, "note")]))?.stdout).toBe("kept");
  });

  test("an image without a shell is refused with what it lacks", async () => {
    const { start, runtime } = bench(engine, { mounts: [] });
    await expect(start(["cat"])).rejects.toMatchObject({ code: "UNAVAILABLE", message: /has no \/bin\/sh/ });
    expect(await runtime.list?.()).toEqual([]);
  });
});

describe.skipIf(why !== null)("an engine with live-restore", () => {
  let engine: TestEngine;
  beforeAll(async () => {
    engine = await startDockerd("--live-restore");
  }, 120_000);
  afterAll(() => engine.remove(), 120_000);

  test("is restarted, and its containers go on", async () => {
    const { runtime, start, facts } = bench(engine);
    const handle = await start(["cat"]);
    const before = await runtime.getProcess?.(handle);
    const seen = await facts(handle);
    await engine.stop();
    await engine.start();
    expect(await runtime.getProcess?.(handle)).toEqual(before);
    await runtime.sendMessage(handle, "still there", { id: "one" });
    await waitFor(async () => (await runtime.getOutput(handle)).includes("still there"));
    expect(seen.filter(({ kind }) => kind === "exit" || kind === "lost")).toEqual([]);
  }, 180_000);
});
