import { realpathSync } from "node:fs";
import type { Activity } from "@agent-orchestrator/core/model/activity";
import type { AgentFact } from "@agent-orchestrator/core/slots/agent";
import type { AgentTerminal, WrittenMessage } from "@agent-orchestrator/core/slots/agent-terminal";
import type { Session } from "@agent-orchestrator/core/slots/common";
import { pluginSession } from "@agent-orchestrator/testkit/session";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { onTestFinished } from "vitest";
import { type LaunchRecord, writeRecord } from "../launch/record.ts";
import { StandIn } from "./stand-in.ts";

export interface Stage {
  server: StandIn;
  session: Session;
  record: LaunchRecord;
  terminal: AgentTerminal;
  written: WrittenMessage[];
  /** What the terminal shows. */
  rows: string[];
}

/** A launched session whose OpenCode is the stand-in. This process listens, so it counts as the program. */
export async function stage(change: Partial<LaunchRecord> = {}): Promise<Stage> {
  const directory = realpathSync(tempDir("ao-opencode"));
  const sessionDir = tempDir("ao-opencode-session");
  const server = await StandIn.start(directory);
  onTestFinished(() => server.stop());
  const record: LaunchRecord = {
    version: 1,
    launch: 1,
    port: server.port,
    password: server.password,
    directory,
    conversation: null,
    program: "opencode",
    places: {},
    model: null,
    promptFile: null,
    allowed: {},
    open: [],
    ...change,
  };
  writeRecord(sessionDir, record);
  const runtimeHandle = { id: "x", runtimeName: "tmux", data: { pid: process.pid } };
  const session = pluginSession({ sessionDir, workspacePath: directory, runtimeHandle });
  const rows: string[] = [];
  const written: WrittenMessage[] = [];
  const terminal: AgentTerminal = {
    screen: async () => ({ rows: [...rows], styledRows: null, cursor: null, title: null }),
    write: async (message) => void written.push(message),
    press: async () => undefined,
  };
  return { server, session, record, terminal, written, rows };
}

export const activitiesIn = (facts: readonly AgentFact[]): Activity[] =>
  facts.flatMap((fact) => (fact.kind === "activity" ? [fact.activity] : []));
