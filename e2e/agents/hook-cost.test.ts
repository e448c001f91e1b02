import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TrueMoment } from "@agent-orchestrator/testkit/model-server/truth";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { expect } from "vitest";
import { rounds } from "../support/tier.ts";
import { type AgentBox, PATIENCE_MS } from "./support/agent-box.ts";
import { scenario } from "./support/scenario.ts";

const CALLS = rounds(60, 200);
/** Long enough for the other program to start, so that both run at the same time, under the same load. */
const SCRIPT = `%%slow 8 ;; ${Array.from({ length: CALLS }, (_, at) => `%%sh echo ${at}`).join(" ;; ")} ;; %%say measured`;
const GOAL_MS = 10;

/** Milliseconds from the model's request to the tool's answer, for each call of a conversation. */
function callTimes(moments: readonly TrueMoment[]): number[] {
  return moments.flatMap(({ why, atMs }, at) => {
    const next = moments[at + 1];
    return why.startsWith("tool call: sh echo") && next !== undefined ? [next.atMs - atMs] : [];
  });
}

const median = (values: number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** How far a median of such values may be off. On a loaded machine, a tool call takes half a second more or less by chance. */
function errorOf(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const quarter = Math.floor(sorted.length / 4);
  const spread = (sorted.at(-1 - quarter) ?? 0) - (sorted[quarter] ?? 0);
  return spread / Math.sqrt(values.length);
}

/** The same program with the same prompts in the same place, without our hooks. */
async function withoutHooks(box: AgentBox, pid: number): Promise<void> {
  const argv = wordsOf(pid, "cmdline");
  const env = Object.fromEntries(wordsOf(pid, "environ").map((pair) => splitOnce(pair)));
  const at = argv.indexOf("--settings");
  if (at < 0) throw new Error(`no --settings among ${argv.join(" ")}`);
  const given = argv[at + 1] ?? "";
  const {
    hooks: _hooks,
    statusLine: _line,
    ...settings
  } = JSON.parse(given.startsWith("{") ? given : readFileSync(given, "utf8"));
  const bare = join(box.dir, "bare.json");
  writeFileSync(bare, JSON.stringify(settings));
  argv[at + 1] = bare;
  const id = argv.indexOf("--session-id");
  if (id >= 0) argv[id + 1] = randomUUID();
  const words = argv.map((word) => word.replaceAll("mark of app-1.", "mark of nobody."));
  const line = ["exec", ...words.map((word) => `'${word.replaceAll("'", "'\\''")}'`)].join(" ");
  const script = join(box.dir, "bare.sh");
  writeFileSync(script, line);
  const tmux = (...more: string[]) =>
    execFileSync("tmux", ["-S", join(box.dir, "bare.sock"), "-f", "/dev/null", ...more], {
      cwd: readlinkSync(`/proc/${pid}/cwd`),
      env: { ...env, TERM: "xterm-256color" },
      stdio: "ignore",
    });
  tmux("new-session", "-d", "-x", "200", "-y", "50", `sh ${script}`);
  try {
    await waitFor(() => said(box, "mark of nobody.").at(-1)?.why === "the turn is over", {
      timeoutMs: PATIENCE_MS,
      what: "the same turn without hooks",
    });
  } finally {
    tmux("kill-server");
  }
}

const wordsOf = (pid: number, file: string): string[] =>
  readFileSync(`/proc/${pid}/${file}`, "utf8").split("\0").slice(0, -1);

function splitOnce(pair: string): [string, string] {
  const cut = pair.indexOf("=");
  return [pair.slice(0, cut), pair.slice(cut + 1)];
}

const said = (box: AgentBox, mark: string): TrueMoment[] =>
  box.model.truth.saying(mark).flatMap(({ moments }) => moments);

scenario({
  name: `${CALLS} tool calls cost at most ${GOAL_MS} ms more each with our hooks`,
  needs: "hooks",
  options: { scripts: [SCRIPT], agentConfig: { allow: ["echo"] } },
  async play(box) {
    await box.spawn(1);
    await box.untilHeard("mark of app-1");
    const { pid } = await box.view("app-1");
    await withoutHooks(box, pid ?? 0);
    await box.untilResting("app-1");
    const withMs = callTimes(said(box, "mark of app-1."));
    const withoutMs = callTimes(said(box, "mark of nobody."));
    expect([withMs.length, withoutMs.length]).toEqual([CALLS, CALLS]);
    const addedMs = median(withMs) - median(withoutMs);
    const noiseMs = Math.round(errorOf(withMs) + errorOf(withoutMs));
    box.addFigure({ hookMs: addedMs, noiseMs, withMs: median(withMs), withoutMs: median(withoutMs), calls: CALLS });
    expect(addedMs - rounds(2, 1) * noiseMs, `with noise of ${noiseMs} ms`).toBeLessThanOrEqual(GOAL_MS);
  },
});
