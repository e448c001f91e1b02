import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Agent, AgentFact, AgentObservation } from "@agent-orchestrator/core/slots/agent";
import type { AgentTerminal } from "@agent-orchestrator/core/slots/agent-terminal";
import type { Session } from "@agent-orchestrator/core/slots/common";
import type { Key, Screen } from "@agent-orchestrator/core/slots/screen";
import { pluginContext } from "@agent-orchestrator/testkit/plugin-context";
import { pluginSession } from "@agent-orchestrator/testkit/session";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { create } from "../index.ts";
import { type LaunchRecord, readLaunch, writeLaunch } from "../launch/record.ts";
import { StandInServer } from "./stand-in-server.ts";

/** A session whose app server is a stand-in, and the plugin that watches it. */
export class Stage {
  readonly facts: AgentFact[] = [];
  readonly pressed: Key[] = [];
  screen: Screen | null = null;
  readonly session: Session;
  readonly rollout: string;
  server: StandInServer;
  #agent: Agent = create({}, pluginContext());
  #watching: AgentObservation | null = null;
  readonly #socket: string;

  private constructor(dir: string, server: StandInServer) {
    this.server = server;
    this.#socket = join(dir, "s.sock");
    this.rollout = join(dir, "rollout.jsonl");
    this.session = pluginSession({ sessionDir: join(dir, "session"), workspacePath: dir });
  }

  static async open(allow: string[] = []): Promise<Stage> {
    const dir = tempDir("codex-stage");
    mkdirSync(join(dir, "session"));
    const stage = new Stage(dir, await listen(dir));
    writeFileSync(stage.rollout, "");
    writeLaunch(stage.session.sessionDir, {
      ...{ launch: 1, socket: stage.#socket, log: "", cwd: dir, codexHome: dir, permissions: "edits", allow },
      ...{ startedAtMs: 0, beginsTurn: false, resumes: null },
    });
    await stage.watch();
    return stage;
  }

  get agent(): Required<Pick<Agent, "deliver" | "answer" | "interrupt">> & Agent {
    return this.#agent as Required<Pick<Agent, "deliver" | "answer" | "interrupt">> & Agent;
  }

  get terminal(): AgentTerminal {
    return {
      screen: async () => this.screen,
      write: async () => undefined,
      press: async (keys) => {
        this.pressed.push(...keys);
      },
    };
  }

  /** As a daemon does that has just started. */
  async watch(): Promise<void> {
    await this.#watching?.stop();
    this.#agent = create({}, pluginContext());
    this.facts.length = 0;
    const { terminal } = this;
    this.#watching = (await this.#agent.observe?.(this.session, (fact) => this.facts.push(fact), { terminal })) ?? null;
  }

  /** For a test that observes by itself. */
  async unwatch(): Promise<void> {
    await this.#watching?.stop();
    this.#watching = null;
  }

  async restartServer(): Promise<void> {
    await this.server.close();
    this.server = await listen(this.session.workspacePath ?? "");
  }

  states(): string[] {
    return this.facts.flatMap((fact) => (fact.kind === "activity" ? [fact.activity.state] : []));
  }

  activity() {
    return this.facts.findLast((fact) => fact.kind === "activity")?.activity;
  }

  async untilState(state: string): Promise<void> {
    await waitFor(() => this.activity()?.state === state, { what: `the state ${state}` });
  }

  /** Launched a moment ago, with a prompt. */
  begins(): void {
    const record = readLaunch(this.session.sessionDir) as LaunchRecord;
    writeLaunch(this.session.sessionDir, { ...record, startedAtMs: Date.now(), beginsTurn: true });
  }

  hint(): void {
    this.#watching?.hint({ kind: "output", at: new Date(0).toISOString() });
  }

  async close(): Promise<void> {
    await this.#watching?.stop();
    await this.server.close();
  }
}

const listen = (dir: string): Promise<StandInServer> =>
  StandInServer.listen(join(dir, "s.sock"), {
    id: "thread",
    cwd: dir,
    path: join(dir, "rollout.jsonl"),
    preview: "do",
  });
