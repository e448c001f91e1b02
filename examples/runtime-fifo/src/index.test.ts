import { join } from "node:path";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { expect, it, onTestFinished } from "vitest";
import { create } from "./index.ts";

const ECHO = 'while read -r line; do echo "<$line>"; done';

async function started(launchCommand: string, intentId = "one") {
  const dir = tempDir("ao-fifo");
  const runtime = create({ dir, graceMs: 300 });
  const config = {
    sessionId: "app-1",
    workspacePath: dir,
    launchCommand,
    environment: { PATH: process.env.PATH ?? "", GREETING: "hi there" },
    intentId,
  };
  const handle = await runtime.create(config);
  onTestFinished(() => runtime.destroy(handle));
  return { dir, runtime, config, handle };
}

it("runs a program, sends it messages line by line, and keeps its output after it ends", async () => {
  const { runtime, handle } = await started(`echo "$GREETING"; ${ECHO}`);
  expect(await runtime.isAlive(handle)).toBe(true);
  await runtime.sendMessage(handle, "one");
  await runtime.sendMessage(handle, "two $(touch x) words");
  await waitFor(async () => (await runtime.getOutput(handle)) === "hi there\n<one>\n<two $(touch x) words>");
  expect(await runtime.getOutput(handle, 1)).toBe("<two $(touch x) words>");
  await runtime.destroy(handle);
  expect(await runtime.isAlive(handle)).toBe(false);
  expect(await runtime.getOutput(handle, 3)).toContain("hi there");
  await expect(runtime.sendMessage(handle, "late")).rejects.toThrow("the agent is not running");
  await runtime.destroy(handle);
});

it("finds its agent again from the stored handle alone, as after a daemon restart", async () => {
  const { dir, handle } = await started(ECHO);
  const stored = JSON.parse(JSON.stringify(handle));
  const later = create({ dir });
  expect(await later.isAlive(stored)).toBe(true);
  await later.sendMessage(stored, "still there?");
  await waitFor(async () => (await later.getOutput(stored)).includes("<still there?>"));
});

it("does not start a second program if the same launch is requested again", async () => {
  const { runtime, config, handle } = await started("exec sleep 60");
  expect(await runtime.create(config)).toEqual(handle);
});

it("ends a program that ignores SIGTERM, with everything it started", async () => {
  const { runtime, handle } = await started("trap '' TERM; sleep 61 & echo child $!; while :; do sleep 0.1; done");
  const child = await waitFor(async () => /child (\d+)/.exec(await runtime.getOutput(handle))?.[1]);
  await runtime.destroy(handle);
  expect(await runtime.isAlive(handle)).toBe(false);
  await waitFor(() => {
    try {
      return process.kill(Number(child), 0) && false;
    } catch {
      return true;
    }
  });
});

it("reports a program that cannot be started, and recognises a reused process id", async () => {
  const { dir, runtime, config, handle } = await started("exec sleep 60");
  await expect(runtime.create({ ...config, sessionId: "app-2", argv: [join(dir, "nothing-here")] })).rejects.toThrow(
    "ENOENT",
  );
  const other = { ...handle, data: { ...handle.data, startId: "1" } };
  expect(await runtime.isAlive(other)).toBe(false);
  await runtime.destroy(other);
  expect(await runtime.isAlive(handle)).toBe(true);
});
