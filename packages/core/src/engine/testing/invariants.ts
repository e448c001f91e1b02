import { costOf } from "../../decide/tally.ts";
import { usageOf } from "../../decide/usage.ts";
import type { SessionRecord } from "../../model/session.ts";
import { State } from "../../model/state.ts";
import type { Sim } from "./simulation.ts";

/** What must hold at every moment. */
export function invariantsOf(sim: Sim): string[] {
  const { world } = sim;
  const wrong: string[] = [];
  const delivered = new Map<string, number>();
  for (const { got } of world.runtime.programs) {
    for (const { id } of got) if (id !== null) delivered.set(id, (delivered.get(id) ?? 0) + 1);
  }
  for (const [id, count] of delivered) if (count > 1) wrong.push(`${id} was delivered ${count} times`);
  for (const { info, merges } of world.scm.prs)
    if (merges > 1) wrong.push(`#${info.number} was merged ${merges} times`);
  const answers = new Set<string>();
  for (const { dialogId } of world.agent.answers) {
    if (answers.has(dialogId)) wrong.push(`${dialogId} was answered twice`);
    answers.add(dialogId);
  }
  for (const method of world.faults.unsignalled) {
    if (/^(scm|tracker|notifier)\./.test(method)) wrong.push(`${method} was called without a signal`);
  }
  for (const record of Object.values(sim.sessions())) wrong.push(...ofSession(sim, record));
  if (sim.daemon !== null) wrong.push(...ofSpend(sim.daemon.engine.state));
  return wrong;
}

/** Nothing is counted twice or lost: the stored sum equals that of the sessions. */
function ofSpend({ spend, sessions }: State): string[] {
  const kept = Object.values(spend).reduce((sum, { total }) => sum + costOf(total).tokens, 0);
  const used = Object.values(sessions).reduce((sum, record) => sum + costOf(usageOf(record)).tokens, 0);
  return kept === used ? [] : [`${used} tokens were used, and ${kept} are counted`];
}

function ofSession({ world }: Sim, record: SessionRecord): string[] {
  const wrong: string[] = [];
  const { id, phase } = record;
  const { last: launch } = record.launch;
  const alive = world.runtime.alive(id);
  if (alive.length > 1) wrong.push(`${alive.length} programs of ${id} run at once`);
  const program = world.runtime.programs.find(({ handle }) => handle.id === launch?.handle?.id);
  if (launch?.exit && program?.isAlive === true) wrong.push(`${id} is said to have exited, and runs`);
  if (phase === "archived" && record.preservedPath !== null && !world.workspace.kept.has(record.preservedPath)) {
    wrong.push(`the work of ${id} was not kept`);
  }
  const isEarly = launch !== null && record.after?.some(({ metAt }) => metAt === null);
  if (isEarly) wrong.push(`${id} was started before what it waits for`);
  const underWay = record.messages.list.filter(({ state }) => state === "writing" || state === "written");
  if (underWay.length > 1) wrong.push(`${underWay.length} messages of ${id} are under way at once`);
  return wrong;
}

/** What has not settled. Once nothing goes wrong any more, this must become empty. */
export function unrestOf(sim: Sim): string[] {
  const { daemon } = sim;
  if (daemon === null) return ["no daemon runs"];
  const { state, trouble } = daemon.engine;
  const unrest: string[] = [];
  if (trouble !== null) unrest.push(`nothing can be written: ${trouble.message}`);
  for (const { key } of Object.values(state.intents)) unrest.push(`the intent ${key} is open`);
  for (const record of Object.values(state.sessions)) unrest.push(...ofRecord(sim, record));
  if (unrest.length > 0) return unrest;
  const parsed = State.safeParse(state);
  for (const issue of parsed.error?.issues ?? []) unrest.push(`${issue.path.join(".")}: ${issue.message}`);
  return unrest;
}

function ofRecord(sim: Sim, record: SessionRecord): string[] {
  const { id, phase, status } = record;
  const unrest: string[] = [];
  if (phase === "starting" || phase === "removing" || record.launch.stopping)
    unrest.push(`${id} is ${phase} (stopping: ${JSON.stringify(record.launch.stopping ?? null)})`);
  if (record.handover.next) unrest.push(`${id} stays in a handoff forever`);
  if (phase === "queued" && record.queuedFor === null) unrest.push(`${id} waits for nothing`);
  const program = sim.world.runtime.alive(id).length > 0;
  const isOver = phase === "ended" || phase === "archived";
  if (isOver && program) unrest.push(`${id} is ${status}, and its program runs`);
  if (phase === "running" && !program) unrest.push(`${id} is ${status}, and its program does not run`);
  const isAsking = record.activity?.state === "waiting_input";
  for (const message of record.messages.list.filter(({ settledAt }) => settledAt === null)) {
    if (!isAsking && phase !== "queued") unrest.push(`${message.id} of ${id} is ${message.state} (${message.heldFor})`);
  }
  if (!isOver && !isAsking && record.turnStartedAt !== null && sim.cast.mood(id) === "resting")
    unrest.push(`${id}'s turn never ended`);
  if (isSilent(sim, record)) unrest.push(`${id} is ${status} with commits and no pull request, and nobody is told`);
  return unrest;
}

/** Work that neither the agent nor the user is told about. */
function isSilent({ world }: Sim, record: SessionRecord): boolean {
  if (record.phase !== "running" && record.phase !== "down") return false;
  if (record.status !== "working" || record.attention !== null || record.pr.snapshot !== null) return false;
  return world.repository.ahead(record.branch, "main") > 0;
}
