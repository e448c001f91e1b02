import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { RuntimeCreateConfig } from "@agent-orchestrator/core/slots/runtime";
import { pluginContext } from "@agent-orchestrator/testkit/plugin-context";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import fc from "fast-check";
import { expect, test } from "vitest";
import { gateArgv, gateText, makeGate, passGate } from "./gate.ts";
import { type Run, runFor } from "./layout.ts";

const config = (argv: string[]): RuntimeCreateConfig => ({
  sessionId: "app-1",
  workspacePath: "/",
  launchCommand: "exit 9",
  environment: {},
  argv,
});

/** The gate as a container runs it, without a container. */
async function through(argv: string[], environment: Record<string, string>): Promise<string> {
  const context = pluginContext({ home: tempDir("ao-gate") });
  const run: Run = runFor(config(argv), context);
  mkdirSync(join(run.dir, "gate"), { recursive: true });
  await makeGate(run, context);
  const [shell = "", ...words] = gateArgv(run);
  const child = spawn(shell, words, { stdio: ["ignore", "pipe", "inherit"], env: { PATH: process.env.PATH } });
  let printed = "";
  child.stdout.on("data", (bytes) => {
    printed += bytes;
  });
  const ended = new Promise<void>((done) => child.once("close", () => done()));
  const requireRunning = async (): Promise<void> => {
    if (child.exitCode !== null && child.exitCode !== 0) throw new Error(`ended: ${child.exitCode}`);
  };
  await passGate(run, { context, text: gateText(config(argv), environment), requireRunning, deadlineMs: 20_000 });
  await ended;
  return printed;
}

const PRINT = ["/bin/sh", "-c", 'printf "%s\\037" "$@" "$ONE" "$TWO"', "sh"];

test("words and variables reach the program literally", async () => {
  const text = fc.string({ unit: "binary", maxLength: 60 }).map((value) => value.replaceAll("\0", "").toWellFormed());
  await fc.assert(
    fc.asyncProperty(fc.array(text, { maxLength: 4 }), text, text, async (words, one, two) => {
      const printed = await through([...PRINT, ...words], { ONE: one, TWO: two });
      expect(printed).toBe([...words, one, two].map((value) => `${value}\u001f`).join(""));
    }),
    { numRuns: 10 },
  );
});

test("more than a pipe holds goes through", async () => {
  const big = "x'y\n".repeat(30_000);
  expect(await through(PRINT, { ONE: big, TWO: "" })).toBe(`${big}\u001f\u001f`);
});

test("a program that is missing is named", async () => {
  const missing = through(["no-such-agent"], {});
  await expect(missing).rejects.toMatchObject({
    code: "UNAVAILABLE",
    message: expect.stringContaining("no-such-agent"),
  });
});

test("what is no name of a variable is left out", () => {
  expect(gateText(config(["a"]), { "BASH_FUNC_x%%": "() { :; }", "A B": "x", OK: "1" })).toBe(
    "export OK=1\nset -- a\n",
  );
});
