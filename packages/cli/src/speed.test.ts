import { execFile } from "node:child_process";
import { cpSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeTempDir, removeDir, tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fakeDaemon, WithMeta } from "./testing/fake-daemon.ts";
import { buildAo } from "./testing/run-ao.ts";
import { META, view } from "./testing/views.ts";

const bundle = makeTempDir("ao-cli");
let ao = "";
/** As it is installed: the program that people call, beside the bundle. */
beforeAll(async () => {
  await buildAo(bundle);
  cpSync(join(import.meta.dirname, "../bin"), join(bundle, "bin"), { recursive: true });
  symlinkSync(".", join(bundle, "dist"));
  writeFileSync(join(bundle, "package.json"), '{"version":"1.2.3"}');
  ao = join(bundle, "bin/ao.js");
});
afterAll(() => removeDir(bundle));

const ROUNDS = 25;

interface Cost {
  wallMs: number;
  cpuMs: number;
}

/** Uses the shell's own `time`. The CPU time of a program is more reliable than its wall time on a busy machine. */
async function costOf(args: readonly string[], env: Record<string, string>): Promise<Cost> {
  const script = 'TIMEFORMAT="%R %U %S"; time "$@" >/dev/null 2>&1';
  const text = await new Promise<string>((resolve, reject) => {
    execFile("bash", ["-c", script, "bash", process.execPath, ...args], { env }, (error, _out, err) =>
      error ? reject(error) : resolve(err),
    );
  });
  const [wall = 0, user = 0, system = 0] = text.trim().split(" ").map(Number);
  return { wallMs: wall * 1000, cpuMs: (user + system) * 1000 };
}

/** Medians, measured in turns so that a busy moment affects both. */
async function ratio(what: string, { args, env, goal }: { args: string[]; env: Record<string, string>; goal: number }) {
  const [own, node]: [Cost[], Cost[]] = [[], []];
  for (let round = 0; round < ROUNDS; round += 1) {
    node.push(await costOf(["-e", "0"], env));
    own.push(await costOf(args, env));
  }
  const median = (costs: Cost[], key: keyof Cost) =>
    costs.map((cost) => cost[key]).sort((a, b) => a - b)[ROUNDS >> 1] ?? 0;
  const figures = (key: keyof Cost) =>
    `${median(own, key).toFixed(0)} ms / ${median(node, key).toFixed(0)} ms = ${(median(own, key) / median(node, key)).toFixed(2)}`;
  console.log(`${what}, beside node -e 0: CPU ${figures("cpuMs")}, wall ${figures("wallMs")}; goal ${goal}`);
  return median(own, "cpuMs") / median(node, "cpuMs");
}

describe("speed", () => {
  it("answers --version for at most 1.5 times the cost of starting Node", async () => {
    const env = { PATH: process.env.PATH ?? "", HOME: tempDir() };
    expect(await ratio("ao --version", { args: [ao, "--version"], env, goal: 1.5 })).toBeLessThanOrEqual(1.5);
  }, 60_000);

  it("prints 200 sessions as JSON for at most 2.5 times the cost of starting Node", async () => {
    const home = tempDir();
    const answer = new WithMeta(
      Array.from({ length: 200 }, (_, at) => view({ id: `app-${at + 1}` })),
      META,
    );
    await fakeDaemon(home, { status: () => answer });
    const env = { PATH: process.env.PATH ?? "", HOME: home, AO_HOME: home };
    const args = [ao, "status", "--json"];
    expect(await ratio("ao status --json, 200 sessions", { args, env, goal: 2.5 })).toBeLessThanOrEqual(2.5);
  }, 60_000);
});
