// `followers.ts HOME COUNT`: observes COUNT sessions of Claude Code as the daemon would, and prints what it has read for each line of stdin.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Agent, AgentFact } from "@agent-orchestrator/core/slots/agent";
import type { AgentTerminal } from "@agent-orchestrator/core/slots/agent-terminal";
import type { PluginModule } from "@agent-orchestrator/core/slots/common";
import { startIdOf } from "@agent-orchestrator/plugin-kit/process";
import { pluginContext, projectConfig } from "@agent-orchestrator/testkit/plugin-context";
import { pluginSession } from "@agent-orchestrator/testkit/session";

const [, , home = "", count = "1"] = process.argv;
const { default: module } = (await import("@agent-orchestrator/agent-claude-code")) as { default: PluginModule<Agent> };
const agent = module.create({}, pluginContext({ home }));
const terminal: AgentTerminal = {
  screen: async () => null,
  write: async () => undefined,
  press: async () => undefined,
};
const facts: Record<string, number> = {};
const onFact = ({ kind }: AgentFact): void => {
  facts[kind] = (facts[kind] ?? 0) + 1;
};

/** The id that the plugin gives to the conversation, and with it the transcript's name. */
async function begin(at: number): Promise<string> {
  const sessionDir = join(home, `session-${at}`);
  const workspacePath = join(home, `work-${at}`);
  for (const dir of [sessionDir, workspacePath]) mkdirSync(dir, { recursive: true, mode: 0o700 });
  const launch = await agent.getLaunchSpec?.({
    sessionId: `app-${at}`,
    projectConfig: projectConfig(),
    workspacePath,
    sessionDir,
    prompt: "work",
    agentConfig: {},
    environment: { HOME: home, PATH: process.env.PATH ?? "" },
    launch: 1,
  });
  const id = launch?.argv[launch.argv.indexOf("--session-id") + 1] ?? "";
  process.stdout.write(`${JSON.stringify({ at, id, workspacePath })}\n`);
  return id;
}

const standIns: ChildProcess[] = [];

/** A process in place of Claude Code, with the live status file that it keeps. */
function standIn(sessionId: string, cwd: string): { pid: number; startId: string | null } {
  const child = spawn("sleep", ["3600"], { stdio: "ignore" });
  const pid = child.pid ?? 0;
  standIns.push(child);
  const startId = startIdOf(pid);
  const folder = join(home, ".claude/sessions");
  mkdirSync(folder, { recursive: true });
  const procStart = startId?.split(":").at(-1);
  const now = Date.now();
  const status = { pid, sessionId, cwd, procStart, version: "2.1.332", kind: "interactive", status: "busy" };
  writeFileSync(join(folder, `${pid}.json`), JSON.stringify({ ...status, updatedAt: now, statusUpdatedAt: now }));
  return { pid, startId };
}

const ids: string[] = [];
for (let at = 0; at < Number(count); at += 1) ids.push(await begin(at));
process.stdout.write('{"begun":true}\n');

process.once("SIGTERM", () => {
  for (const child of standIns) child.kill("SIGKILL");
  process.exit(0);
});
const lines = process.stdin.setEncoding("utf8");
let isObserving = false;
for await (const _chunk of lines) {
  if (!isObserving) {
    isObserving = true;
    for (const [at, agentSessionId] of ids.entries()) {
      const sessionDir = join(home, `session-${at}`);
      const workspacePath = join(home, `work-${at}`);
      const session = pluginSession({
        id: `app-${at}`,
        sessionDir,
        workspacePath,
        agentSessionId,
        runtimeHandle: { id: `app-${at}`, runtimeName: "process", data: standIn(agentSessionId, workspacePath) },
        agentName: "claude-code",
      });
      await agent.observe?.(session, onFact, { terminal });
    }
  }
  const bytes = Number(/^rchar: (\d+)$/m.exec(readFileSync("/proc/self/io", "utf8"))?.[1]);
  process.stdout.write(`${JSON.stringify({ facts, readBytes: bytes })}\n`);
}
