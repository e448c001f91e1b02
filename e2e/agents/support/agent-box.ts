import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { SessionView } from "@agent-orchestrator/core/model/session-view";
import { type Agreement, agreementOf, type Sample } from "@agent-orchestrator/testkit/model-server/agreement";
import { ModelServer } from "@agent-orchestrator/testkit/model-server/model-server";
import type { TrueMoment, TrueState } from "@agent-orchestrator/testkit/model-server/truth";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { Sandbox } from "../../support/sandbox.ts";
import type { AgentKind, Stage } from "./agent-kind.ts";
import { Sampler } from "./sampler.ts";

/** On a loaded machine, an agent's start alone may take half a minute. */
export const PATIENCE_MS = 120_000;
const NOTIFIER = fileURLToPath(new URL("./notifier.mjs", import.meta.url));
/** A long tool call, in seconds: `sh tick.sh 5`. */
const TICK = `i=0\nwhile [ $i -lt "\${1:-60}" ]; do sleep 1; i=$((i + 1)); done\necho ticked\n`;

export interface AgentBoxOptions {
  /** The script of each issue, 1 first. */
  scripts: string[];
  files?: Record<string, string>;
  /** Lines under `projects.app`, indented by four. */
  project?: string;
  agentConfig?: Record<string, unknown>;
  /** Lines at the top level. */
  top?: string;
  retries?: number;
}

/** The scenario, and the number of the attempt, from 0. */
export interface Attempt {
  scenario: string;
  attempt: number;
}

const FIRST: Attempt = { scenario: "", attempt: 0 };

export interface Notice {
  type: string;
  priority: string;
  message: string;
  sessionId?: string;
  data?: Record<string, unknown>;
}

/** A user's machine with a real agent, its model, a repository and `ao`. What is shown is sampled, to compare it with what is true. */
export class AgentBox extends Sandbox {
  readonly kind: AgentKind;
  readonly model: ModelServer;
  readonly #sessions: string[];
  readonly #attempt: Attempt;
  readonly #retries: number | undefined;
  #sampler: Sampler | null = null;

  private constructor(kind: AgentKind, model: ModelServer, options: AgentBoxOptions & { attempt: Attempt }) {
    const { scripts, files, project, agentConfig } = options;
    const config = {
      agent: kind.plugin,
      agentConfig: JSON.stringify({ ...kind.agentConfig, ...agentConfig }),
      ...(kind.runtime !== undefined && { runtime: kind.runtime }),
      // Without checks, unless the scenario has some.
      project: project ?? "    scm: { plugin: local }",
    };
    super({
      ...config,
      issues: 0,
      files: { ...issuesOf(scripts), "tick.sh": TICK, "asked.sh": "echo asked > asked.txt\n", ...files },
    });
    this.kind = kind;
    this.model = model;
    this.#attempt = options.attempt;
    this.#sessions = scripts.map((_, at) => `app-${at + 1}`);
    this.#retries = options.retries;
    kind.seed(this.#stage);
    writeFileSync(join(this.dir, ".profile"), profileOf(this.env));
    this.configure({ ...config, top: `${this.#top()}\n${options.top ?? ""}` });
  }

  static async open(kind: AgentKind, options: AgentBoxOptions, attempt = FIRST): Promise<AgentBox> {
    const box = new AgentBox(kind, await ModelServer.start(), { ...options, attempt });
    await box.start();
    await box.trust();
    box.#sampler = new Sampler(box);
    return box;
  }

  override get env(): Record<string, string> {
    const base = super.env;
    const { kind } = this;
    const own = kind.env(this.#stage);
    return { ...base, ...own, PATH: `${kind.bin}:${base.PATH}` };
  }

  get #stage(): Stage {
    const { kind, model } = this;
    const stage = { home: this.dir, repo: this.repo.path, bin: kind.bin, modelUrl: model.url };
    return this.#retries === undefined ? stage : { ...stage, retries: this.#retries };
  }

  async spawn(...issues: number[]): Promise<SessionView[]> {
    return await this.get("spawn", { words: ["app", ...issues.map(String)] });
  }

  /** Starts the first session and waits for the end of its first turn. */
  async begin(): Promise<void> {
    await this.spawn(1);
    await this.untilHeard("mark of app-1");
    await this.untilResting("app-1");
  }

  /** Sends as the user does, and waits for the outcome. */
  async say(session: string, text: string): Promise<{ state: string; heldFor: string | null }> {
    return await this.get("send", { session, text, timeoutMs: PATIENCE_MS });
  }

  async view(session: string): Promise<SessionView> {
    return await this.get("show", { session });
  }

  until(session: string, holds: (view: SessionView) => boolean, what: string): Promise<unknown> {
    return waitFor(async () => holds(await this.view(session)), {
      timeoutMs: PATIENCE_MS,
      what: `${session}: ${what}`,
    });
  }

  untilResting(session: string): Promise<unknown> {
    return this.until(session, ({ activity }) => /^(ready|idle)$/.test(activity?.state ?? ""), "the turn's end");
  }

  untilShown(session: string, state: string): Promise<unknown> {
    return this.until(session, ({ activity }) => activity?.state === state, `activity ${state}`);
  }

  /** Waits until the model has received a text that contains this. */
  untilHeard(text: string): Promise<unknown> {
    return waitFor(() => this.model.truth.timesHeard(text) > 0, {
      timeoutMs: PATIENCE_MS,
      what: `${JSON.stringify(text.slice(0, 80))} at the model`,
    });
  }

  /** Adds a true state that the model server cannot see, for the comparison. */
  mark(session: string, state: TrueState, why: string): void {
    const [conversation] = this.#conversationsOf(session);
    if (conversation !== undefined) this.model.truth.mark(conversation.id, state, why);
  }

  /** Whether this state was true at some time within the last milliseconds, or nobody knows. */
  wasTrue(session: string, state: TrueState, withinMs: number): boolean {
    const moments = this.#momentsOf(session);
    const begin = moments.findLast(({ atMs }) => atMs <= Date.now() - withinMs);
    const within = moments.filter(({ atMs }) => atMs > Date.now() - withinMs);
    return [begin, ...within].some((moment) => moment?.state === state || moment?.state === "unknown");
  }

  notices(): Notice[] {
    const file = join(this.dir, "notices.jsonl");
    if (!existsSync(file)) return [];
    const lines = readFileSync(file, "utf8").split("\n");
    return lines.filter((line) => line !== "").map((line) => JSON.parse(line));
  }

  screen(session: string): string {
    return this.tmux("capture-pane", "-p", "-t", this.#target(session));
  }

  /** Types as a user does in the attached terminal. */
  type(session: string, words: string[]): void {
    this.tmux("send-keys", "-t", this.#target(session), ...words);
  }

  /** Resizes the terminal, as a viewer's narrower window does. */
  narrow(session: string, columns: number): void {
    this.tmux("resize-window", "-t", this.#target(session), "-x", String(columns));
  }

  #target(session: string): string {
    const names = this.tmux("list-sessions", "-F", "#{session_name}").split("\n");
    return `=${names.find((name) => name.endsWith(`-${session}`))}:`;
  }

  /** How far the shown state agrees with the true one, by session. Also added to the run's figures. */
  async agreement(): Promise<Record<string, Agreement>> {
    await this.#sampler?.stop();
    const found: Record<string, Agreement> = {};
    for (const session of this.#sessions) {
      const samples = this.#sampler?.samples.get(session) ?? [];
      const moments = this.#momentsOf(session);
      // Without a word to the model, nothing is known to be true.
      if (samples.length === 0 || moments.length === 0) continue;
      found[session] = agreementOf(samples, moments);
    }
    for (const [session, agreement] of Object.entries(found)) this.addFigure({ session, ...agreement });
    return found;
  }

  /** For the run's own summary. */
  addFigure(row: object): void {
    const file = process.env.AO_TEST_AGENT_FIGURES;
    const { name, version } = this.kind;
    if (file !== undefined)
      appendFileSync(file, `${JSON.stringify({ kind: name, version, ...this.#attempt, ...row })}\n`);
  }

  override async diagnose(): Promise<string> {
    const said = [await super.diagnose()];
    for (const session of this.#sessions) {
      const explained = await this.ao("explain", session);
      said.push(explained.stdout, explained.stderr);
      const moments = this.#momentsOf(session).map(({ atMs, state, why }) => `${toIso(atMs)} ${state}: ${why}`);
      const samples = changesOf(this.#sampler?.samples.get(session) ?? []);
      said.push(`true of ${session}:`, ...moments, `shown of ${session}:`, ...samples, this.#screenOrNone(session));
    }
    return said.join("\n");
  }

  #screenOrNone(session: string): string {
    try {
      return this.screen(session).replace(/\n{3,}/g, "\n\n");
    } catch {
      return "(no terminal is left)";
    }
  }

  override async close(): Promise<void> {
    await this.#sampler?.stop();
    await super.close();
    await this.model.stop();
  }

  #conversationsOf(session: string) {
    return this.model.truth.saying(markOf(session));
  }

  #momentsOf(session: string): TrueMoment[] {
    return this.#conversationsOf(session)
      .flatMap(({ moments }) => moments)
      .sort((a, b) => a.atMs - b.atMs);
  }

  #top(): string {
    const path = JSON.stringify(join(this.dir, "notices.jsonl"));
    return [
      `plugins: [{ path: ${JSON.stringify(NOTIFIER)} }]`,
      `notifiers: { lines: { plugin: lines, path: ${path} } }`,
      "notificationRouting: { urgent: [lines], action: [lines], warning: [lines], info: [lines] }",
    ].join("\n");
  }
}

const toIso = (atMs: number): string => new Date(atMs).toISOString();

function changesOf(samples: readonly Sample[]): string[] {
  return samples
    .filter(({ activity, status }, at) => samples[at - 1]?.activity !== activity || samples[at - 1]?.status !== status)
    .map(({ atMs, activity, status }) => `${toIso(atMs)} ${activity} ${status}`);
}

/** A text in the first message of a session, by which its conversation is found. */
const markOf = (session: string): string => `mark of ${session}.`;

/** What the user's login shell exports. The daemon finds the agents there when no command gives it an environment. */
function profileOf(env: Record<string, string>): string {
  return Object.entries(env)
    .filter(([name]) => !name.startsWith("AO_"))
    .map(([name, value]) => `export ${name}='${value}'\n`)
    .join("");
}

function issuesOf(scripts: string[]): Record<string, string> {
  return Object.fromEntries(
    scripts.map((script, at) => [
      `.ao/issues/${at + 1}-task-${at + 1}.md`,
      `---\ntitle: Task ${at + 1}\nstate: open\n---\nThe ${markOf(`app-${at + 1}`)}\n${script}\n`,
    ]),
  );
}
