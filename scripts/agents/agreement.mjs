// The agreement of what was shown with what was true, over all scenarios of a run: printed, and written beside the benchmarks' results.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { report } from "../report.mjs";

export const GOAL_PERCENT = 99.5;
/** An everyday run fails below this. On a busy machine changes show up late, which does not mean that they are wrong. */
const BAR_PERCENT = process.env.AO_TEST_TIER === "nightly" ? GOAL_PERCENT : 95;
/** Being wrong for this long is also listed in CI's last lines. */
const LONG_MS = 2_000;

/** Rows written by the scenarios, one for each session of each scenario. */
export function readRows(file) {
  if (!existsSync(file)) return [];
  return readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
}

/** In CI a failed scenario is tried again, and its last attempt counts. */
export function lastAttempts(rows) {
  const nameOf = ({ kind, version, scenario }) => [kind, version, scenario].join("\0");
  const last = new Map();
  for (const row of rows) last.set(nameOf(row), Math.max(row.attempt, last.get(nameOf(row)) ?? 0));
  return rows.filter((row) => row.attempt === last.get(nameOf(row)));
}

/** One for each agent. */
export function sumUp(rows) {
  const agents = new Map();
  for (const { kind, version, samples, right, longLies, scenario } of rows) {
    const key = `${kind} ${version}`;
    const sum = agents.get(key) ?? { agent: key, scenarios: new Set(), samples: 0, right: 0, longLies: 0 };
    sum.scenarios.add(scenario);
    sum.samples += samples;
    sum.right += right;
    sum.longLies += longLies.length;
    agents.set(key, sum);
  }
  return [...agents.values()].map(({ scenarios, ...sum }) => {
    const percent = sum.samples === 0 ? 0 : Math.floor((sum.right / sum.samples) * 10_000) / 100;
    const isMet = percent >= GOAL_PERCENT && sum.longLies === 0;
    const isBad = percent < BAR_PERCENT || sum.longLies > 0;
    return { ...sum, scenarios: scenarios.size, percent, isMet, isBad };
  });
}

/** Over 1,000 messages over all agents and states in the nightly tier, fewer every day. */
function tellMessages(rows) {
  let isMet = true;
  const total = { sent: 0, once: 0, told: 0, refused: 0, lost: 0, doubled: 0, heldFalsely: 0, accidents: 0 };
  for (const row of rows) {
    for (const name of Object.keys(total)) total[name] += row[name];
    say(`  ${row.kind} ${row.version}: ${messageLine(row)}`);
  }
  if (rows.length > 0) {
    isMet = total.lost + total.refused + total.doubled + total.heldFalsely + total.accidents === 0;
    say(
      `  all: ${messageLine(total)} (goal: none lost, refused, doubled, falsely held, or an answer) ${isMet ? "met" : "MISSED"}`,
    );
  }
  return isMet;
}

const messageLine = ({ sent, once, told, refused, lost, doubled, heldFalsely, accidents }) =>
  `${sent} messages, ${once} exactly once, ${told} told as unconfirmed, ${refused} refused, ${lost} lost, ${doubled} doubled, ${heldFalsely} held without a true reason, ${accidents} dialogs answered by accident`;

function say(line) {
  console.log(line);
  report(line);
}

export function tell(attempts, file) {
  const all = lastAttempts(attempts);
  const rows = all.filter(({ samples }) => samples !== undefined);
  const messages = all.filter(({ sent }) => sent !== undefined);
  const sums = sumUp(rows);
  say("\nshown status compared with the truth every 200 ms; a change may take 1 s:");
  for (const { agent, scenarios, samples, percent, longLies, isMet } of sums) {
    const lies = `${longLies} false needs_input or idle over 2 s`;
    say(
      `  ${agent}: ${percent} % of ${samples} samples in ${scenarios} scenarios, ${lies} (goal ≥ ${GOAL_PERCENT} %, 0) ${isMet ? "met" : "MISSED"}`,
    );
  }
  for (const { kind, scenario, session, wrong } of rows)
    for (const { fromMs, toMs, shown, truth } of wrong.filter((span) => span.toMs - span.fromMs >= 400)) {
      const tellOf = toMs - fromMs > LONG_MS ? say : console.log;
      tellOf(`    ${kind}, ${scenario}, ${session}: ${shown} for ${toMs - fromMs} ms while ${truth}`);
    }
  if (messages.length > 0) say("messages while idle, busy, in a dialog and dead:");
  const arrived = tellMessages(messages);
  const hooks = all.filter(({ hookMs }) => hookMs !== undefined);
  for (const { kind, version, hookMs, noiseMs, withMs, withoutMs, calls } of hooks) {
    const beside = `median of ${calls}: ${withMs} ms with our hooks, ${withoutMs} ms without`;
    say(
      `  ${kind} ${version}: hooks add ${hookMs} ms ± ${noiseMs} ms to a tool call (${beside}; goal ≤ 10 ms) ${hookMs - noiseMs <= 10 ? "met" : "MISSED"}`,
    );
  }
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(
    file,
    `${JSON.stringify({ at: new Date().toISOString(), agents: sums, messages, hooks, rows }, null, 1)}\n`,
  );
  console.log(`  written to ${file}`);
  return arrived && sums.every(({ isBad }) => !isBad);
}
