import { locatedIn, workingFolder } from "@agent-orchestrator/agent-kit/launch";
import { atomicReplace } from "@agent-orchestrator/core/host/files";
import { cleanMessage } from "@agent-orchestrator/core/host/message-text";
import type { AgentLaunchConfig, LaunchSpec } from "@agent-orchestrator/core/slots/agent";
import type { PluginContext } from "@agent-orchestrator/core/slots/common";
import { allowedCommands, type PermissionMode } from "@agent-orchestrator/plugin-kit/permissions";
import { inHome } from "@agent-orchestrator/plugin-kit/program";
import { recall } from "./host/memory.ts";
import { readJournal } from "./journal.ts";
import { folderOf, hostPath, journalFile, makePrivateFolder, socketOf, specFile } from "./layout.ts";
import { type AcpOptions, commandOf } from "./options.ts";
import type { HostSpec } from "./wire.ts";

/** There are many hosts, so keep each small: no optimiser threads, a small heap for garbage. */
const LEAN = ["--max-semi-space-size=1", "--v8-pool-size=0"];

/**
 * Runs the host, which finds everything else in its spec file. Null if it should continue a conversation, and the agent can't resume
 * one, or there is none in this folder.
 */
export function launchSpec(
  config: AgentLaunchConfig,
  options: AcpOptions,
  context: Pick<PluginContext, "socketDir" | "programsDir">,
): LaunchSpec | null {
  const dir = folderOf(config.sessionDir);
  const cwd = workingFolder(config);
  if (config.resume !== undefined && !canTakeUp(dir, config.resume.agentSessionId, cwd)) return null;
  const prompt = config.resume === undefined ? config.prompt : config.resume.message;
  const permissions = config.permissions ?? options.permissions;
  const spec: HostSpec = {
    version: 1,
    argv: located(commandOf(options), config),
    cwd,
    dir,
    socket: socketOf(context.socketDir, config.sessionDir),
    prompt: prompt === undefined ? null : cleanMessage(prompt),
    resume: config.resume?.agentSessionId ?? null,
    permissions,
    allow: allowedCommands(permissions, options.allow),
    mode: options.mode ?? null,
    model: config.model ?? options.model ?? null,
    auth: options.auth ?? null,
  };
  makePrivateFolder(dir);
  const file = specFile(dir);
  atomicReplace(file, JSON.stringify(spec));
  return {
    argv: [process.execPath, ...LEAN, hostPath(context), file],
    env: { ...askingEnvironment(commandOf(options)[0] ?? "", permissions), ...options.env },
    paste: "bracketed",
    promptDelivered: true,
  };
}

function canTakeUp(dir: string, agentSessionId: string | null, cwd: string): boolean {
  const { session } = recall(readJournal(journalFile(dir), 0).entries);
  return session?.canReturn === true && session.id === agentSessionId && session.cwd === cwd;
}

/** `~/x` is in the user's home. */
function located([given = "", ...words]: string[], config: AgentLaunchConfig): string[] {
  return [locatedIn(inHome(given, config.environment ?? {}), config), ...words];
}

/**
 * The protocol carries a question only if the agent asks one, and some ask nothing unless told to. These variables make known agents
 * ask, so that the session's permissions decide, and not the agent's defaults.
 */
const ASKING: Readonly<Record<string, Record<string, string>>> = {
  // Tested with 1.18.33, which edits and runs everything by default.
  opencode: { OPENCODE_PERMISSION: JSON.stringify({ edit: "ask", bash: "ask" }) },
  // According to its documentation, not tested.
  goose: { GOOSE_MODE: "approve" },
};

/** What to add to the environment of this program. Nothing if everything is allowed anyway. */
function askingEnvironment(program: string, mode: PermissionMode): Record<string, string> {
  if (mode === "auto" || mode === "skip") return {};
  return ASKING[program.split("/").at(-1) ?? ""] ?? {};
}
