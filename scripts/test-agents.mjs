#!/usr/bin/env node
// `npm run test:agents [-- words for vitest]`: whole sessions with the real agent programs against a scripted model, offline.
// AO_TEST_TIER=nightly takes all programs and the long scenarios; AO_TEST_AGENTS=claude-code,codex takes these.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readRows, tell } from "./agents/agreement.mjs";
import { installAgent, pins } from "./agents/install.mjs";
import { loopbackOnly } from "./agents/namespace.mjs";
import { fail, root, run, toolEnv } from "./lib.mjs";

const EVERY_DAY = ["claude-code", "codex"];

const isNightly = process.env.AO_TEST_TIER === "nightly";
const asked = process.env.AO_TEST_AGENTS?.split(",").filter(Boolean);
const names = asked ?? (isNightly ? Object.keys(pins) : EVERY_DAY);
for (const name of names) {
  if (pins[name] === undefined) fail(`no such agent: ${name}`, `One of ${Object.keys(pins).join(", ")}.`, 64);
}

const inside = loopbackOnly();
if (typeof inside === "string") {
  console.log(`ao: test:agents SKIPPED: ${inside}`);
  process.exit(0);
}
const programs = Object.fromEntries(
  names.map((name) => [name, { bin: installAgent(name), version: pins[name].version }]),
);
const folder = mkdtempSync(join(tmpdir(), "ao-agent-figures-"));
const rows = join(folder, "rows.jsonl");
const [program, ...before] = inside;
const vitest = [
  process.execPath,
  join(root, "node_modules/vitest/vitest.mjs"),
  "run",
  "--project",
  "agents",
  "--maxWorkers=2",
];
const env = toolEnv({ AO_TEST_AGENT_PROGRAMS: JSON.stringify(programs), AO_TEST_AGENT_FIGURES: rows });
const status = run(program, [...before, ...vitest, ...process.argv.slice(2)], { env });
const agrees = tell(readRows(rows), join(root, "bench/results/agents.json"));
rmSync(folder, { recursive: true, force: true });
process.exit(status === 0 && !agrees ? 1 : status);
