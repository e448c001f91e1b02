import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isRunning, startIdOf } from "@agent-orchestrator/plugin-kit/process";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { afterEach, expect, test } from "vitest";
import { LAUNCH_SCRIPT } from "./script.ts";

const STAND_IN = fileURLToPath(new URL("../testing/codex-stand-in.mjs", import.meta.url));
const HOSTILE = ['"; touch /tmp/never; "', "$(touch /tmp/never)", "a b", "'", "\\", "-c", ""];

interface Started {
  what: "server" | "terminal";
  pid: number;
  words: string[];
}

const left: number[] = [];
afterEach(() => {
  for (const pid of left.splice(0)) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It has ended, as intended.
    }
  }
});

interface Launched {
  shell: ChildProcess;
  socket: string;
  server: Started;
  terminal: Started;
  all(): Started[];
}

async function launch(): Promise<Launched> {
  const dir = tempDir("codex-script");
  const file = join(dir, "started");
  writeFileSync(file, "");
  const socket = join(dir, "s.sock");
  const words = [...HOSTILE, ...Array.from({ length: 9 }, (_, at) => `w${at}`)];
  const argv = ["-c", LAUNCH_SCRIPT, "ao-codex", socket, join(dir, "log"), STAND_IN, `${words.length}`, ...words];
  const env = { ...process.env, CODEX_STAND_IN: file };
  const shell = spawn("/bin/sh", [...argv, "-C", "/checkout", "--", "the prompt"], { env, stdio: "ignore" });
  const started = () =>
    readFileSync(file, "utf8")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Started);
  await waitFor(() => started().length === 2, { what: "both programs" });
  const of = (what: Started["what"]) => started().find((each) => each.what === what) as Started;
  const [server, terminal] = [of("server"), of("terminal")];
  left.push(server.pid, terminal.pid);
  expect(server.words).toEqual(["app-server", "--listen", `unix://${socket}`, ...words]);
  return { shell, socket, server, terminal, all: started };
}

test("the shell becomes the terminal program, the server runs next to it, and each has its own arguments", async () => {
  const { shell, socket, terminal } = await launch();
  expect(terminal.pid).toBe(shell.pid);
  expect(terminal.words).toEqual(["--remote", `unix://${socket}`, "-C", "/checkout", "--", "the prompt"]);
  expect(existsSync(`${socket}.pipe`)).toBe(false);
  expect(existsSync("/tmp/never")).toBe(false);
});

test("however the terminal program ends, the server ends too, even one that ignores TERM", async () => {
  const { terminal, server } = await launch();
  const startId = startIdOf(server.pid);
  process.kill(terminal.pid, "SIGKILL");
  await waitFor(() => startId !== null && !isRunning({ pid: server.pid, startId }), {
    timeoutMs: 10_000,
    what: "the server's end",
  });
});

test("a server that ends by itself is started again for the same terminal program", async () => {
  const { terminal, server, all } = await launch();
  const startId = startIdOf(terminal.pid);
  process.kill(server.pid, "SIGKILL");
  await waitFor(() => all().length === 3, { timeoutMs: 10_000, what: "another server" });
  left.push(all()[2]?.pid ?? 0);
  expect(all()[2]).toMatchObject({ what: "server", words: server.words });
  expect(startId !== null && isRunning({ pid: terminal.pid, startId })).toBe(true);
});

/** What a launch prints if its server only runs these commands and ends. */
async function saidBy(commands: string): Promise<string> {
  const dir = tempDir("codex-script");
  const program = join(dir, "broken");
  writeFileSync(program, `#!/bin/sh\n${commands}\nexit 1\n`, { mode: 0o755 });
  // Skip the loop's own waiting.
  const script = LAUNCH_SCRIPT.replace('"$waits" -gt 300', '"$waits" -gt 5');
  const shell = spawn("/bin/sh", ["-c", script, "ao-codex", join(dir, "s.sock"), join(dir, "log"), program, "0"]);
  let said = "";
  shell.stdout.on("data", (bytes) => {
    said += bytes;
  });
  const [status] = await once(shell, "close");
  expect(status).toBe(70);
  return said;
}

test("a server that never starts is reported in its own words, and nothing stays behind", async () => {
  expect(await saidBy("echo no such key: modle")).toContain("did not start: no such key: modle");
});

test("its reason comes first, even with a warning before it and a long trace below", async () => {
  const said = await saidBy(
    "echo WARNING: x; echo Error: No such file; for n in 1 2 3 4 5 6 7 8 9; do echo $n: unknown; done",
  );
  expect(said.split("\n")[0]).toBe("Codex's app server did not start: Error: No such file");
  expect(said).toContain("WARNING: x");
  expect(said.trim().endsWith("9: unknown")).toBe(true);
});
