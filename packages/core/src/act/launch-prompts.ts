import { join } from "node:path";
import { answerWithin } from "../host/deadline.ts";
import { atomicReplace, ensureDir, readText, removeIfThere } from "../host/files.ts";
import { realFs } from "../host/fs-port.ts";
import { ERROR_CODES, isAoError, toAoError } from "../model/errors.ts";
import { issueKey } from "../model/issue.ts";
import { trackerText } from "../model/project.ts";
import type { Agent } from "../slots/agent.ts";
import type { ActCall } from "./call.ts";
import { toPluginSession } from "./plugin-session.ts";
import type { StartAction } from "./start.ts";
import { readTaken, type TakenNow } from "./take-pr.ts";

/** The prompts of a launch. The pure core composes them from what tracker, checkout and the former agent reported. */
export interface Prompting {
  /** What applies to the whole session. */
  instructions(): string;
  /** Issue, pull request and task. */
  task(of: { issueText: string | null; taken: TakenNow | null }): string;
  /** For a program that starts again in an existing session. */
  continuation(task: string): string;
  handOver(from: { task: string; diff: string | null; transcript: string | null }): string;
  readonly maxTranscriptBytes: number;
}

export interface LaunchPrompts {
  /** The prompt of this launch. Null for a launch that continues where it was. */
  text: string | null;
  file: string | null;
  /** The session's very first prompt. */
  firstFile: string;
  instructions: { text: string; file: string } | null;
}

interface Speech {
  call: ActCall;
  action: StartAction;
  prompting: Prompting;
  agent: Agent;
}

const MAX_PROMPT_BYTES = 1024 * 1024;

/** Writes the prompt of a launch that has one to where `ao show --prompt` reads exactly it. */
export async function promptsFor(speech: Speech): Promise<LaunchPrompts> {
  const { call, action } = speech;
  const { record, paths } = call;
  const quiet = silence(speech);
  if (action.mode === "first") {
    const taken = await takenNow(call);
    // From here on the session watches it, and what changes is news.
    if (taken !== null) call.tell([taken]);
    const task = speech.prompting.task({ issueText: await issueText(call), taken });
    atomicReplace(taskFile(call), task);
    return { ...quiet, ...written(quiet.firstFile, withStanding(speech, task)) };
  }
  if (action.mode === "handoff") {
    const brief = withStanding(speech, await handOver(speech));
    return { ...quiet, ...written(join(paths.sessionDir, `handoff-${action.launch}.md`), brief) };
  }
  if (action.messageId !== null) {
    const text = record.messages.list.find((message) => message.id === action.messageId)?.text ?? "";
    return { ...quiet, ...written(join(paths.sessionDir, `message-${action.messageId}.md`), text) };
  }
  return quiet;
}

/** For a restart that cannot resume its conversation, or that does nothing without a prompt. */
export async function continuationOf(speech: Speech, words: LaunchPrompts): Promise<LaunchPrompts> {
  const text = withStanding(speech, speech.prompting.continuation(await firstTask(speech)));
  const file = join(speech.call.paths.sessionDir, `continue-${speech.action.launch}.md`);
  return { ...words, ...written(file, text) };
}

const taskFile = ({ paths }: ActCall): string => join(paths.sessionDir, "task.md");

function written(file: string, text: string): { text: string; file: string } {
  atomicReplace(file, text);
  return { text, file };
}

/** Without a prompt, only the standing instructions. */
function silence({ call, prompting, agent }: Speech): LaunchPrompts {
  const { sessionDir } = call.paths;
  const file = join(sessionDir, "instructions.md");
  const firstFile = join(sessionDir, "prompt.md");
  if (agent.takesInstructions !== true) {
    removeIfThere(realFs, file); // It belongs to an agent that had the session before.
    return { text: null, file: null, firstFile, instructions: null };
  }
  return { text: null, file: null, firstFile, instructions: written(file, prompting.instructions()) };
}

/** An agent that takes no separate instructions gets all of it at once. */
const withStanding = ({ agent, prompting }: Speech, text: string): string =>
  agent.takesInstructions === true ? text : `${prompting.instructions()}\n${text}`;

const TRACKER_MS = 60_000;

const issueFile = (sessionDir: string): string => join(sessionDir, "issue.md");

/** Keeps an issue's text for a start at which the tracker can't be asked: it may be hours later, or without the token. */
export function keepIssueText(sessionDir: string, text: string): void {
  ensureDir(sessionDir);
  atomicReplace(issueFile(sessionDir), text);
}

/** As it is now, or else as it was when the session was requested. */
async function issueText(call: ActCall): Promise<string | null> {
  const { issue } = call.record.task;
  if (issue === null) return null;
  const tracker = await call.plugins.tracker();
  const asking = { ...call, whom: trackerText(call.project), timeoutMs: TRACKER_MS };
  try {
    return await answerWithin((signal) => tracker.generatePrompt(issueKey(issue), call.project, { signal }), asking);
  } catch (error) {
    call.signal.throwIfAborted();
    // A forge's rate limit is one as well.
    const isOutage = isAoError(error) && (error.code === "UNAVAILABLE" || ERROR_CODES[error.code].retry);
    const kept = isOutage ? readText(issueFile(call.paths.sessionDir), { maxBytes: MAX_PROMPT_BYTES }) : null;
    if (kept === null) throw error;
    call.log.warn(`${call.record.id} gets the issue as it was when requested: ${toAoError(error).message}`);
    return kept;
  }
}

async function takenNow(call: ActCall): Promise<TakenNow | null> {
  const { branch } = call.record;
  const { taken: takenPr } = call.record.pr;
  return takenPr ? readTaken(call, { pr: takenPr.info, branch }) : null;
}

/** The task as it was given then, whatever the tracker says now. */
async function firstTask({ call, prompting }: Pick<Speech, "call" | "prompting">): Promise<string> {
  const kept = readText(taskFile(call), { maxBytes: MAX_PROMPT_BYTES });
  return kept ?? prompting.task({ issueText: await issueText(call), taken: await takenNow(call) });
}

async function handOver({ call, prompting }: Speech): Promise<string> {
  const task = await firstTask({ call, prompting });
  const transcript = await quietly(call, "its conversation", () => transcriptOf(call, prompting.maxTranscriptBytes));
  const diff = await quietly(call, "its changes", () => diffOf(call));
  return prompting.handOver({ task, diff, transcript });
}

/** An incomplete brief is better than none. */
async function quietly<T>(call: ActCall, what: string, ask: () => Promise<T | null>): Promise<T | null> {
  try {
    return await ask();
  } catch (error) {
    call.signal.throwIfAborted();
    call.log.warn(`handoff of ${call.record.id}: ${what}: ${toAoError(error).message}`);
    return null;
  }
}

async function transcriptOf(call: ActCall, maxBytes: number): Promise<string | null> {
  const former = call.formerAgent();
  if (former === null) return null;
  const agent = await former.agent();
  return (await agent.getTranscript?.(toPluginSession(former.record, call.paths), { maxBytes })) ?? null;
}

async function diffOf({ record, project, plugins, signal }: ActCall): Promise<string | null> {
  if (record.workspacePath === null) return null;
  const workspace = await plugins.workspace();
  const { baseBranch, baseSha } = record;
  const base = { ...(baseBranch === null ? {} : { baseBranch }), ...(baseSha === null ? {} : { baseSha }) };
  return (await workspace.getDiff?.(record.workspacePath, project, { signal, ...base })) ?? null;
}
