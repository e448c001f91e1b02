import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { asArgument, MAX_ARGUMENT_BYTES } from "@agent-orchestrator/agent-kit/launch";
import { cleanMessage } from "@agent-orchestrator/core/host/message-text";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { AgentLaunchConfig, LaunchSpec } from "@agent-orchestrator/core/slots/agent";
import { openRepository } from "@agent-orchestrator/plugin-kit/git/repository";
import { allowedCommands } from "@agent-orchestrator/plugin-kit/permissions";
import { findProgram } from "@agent-orchestrator/plugin-kit/program";
import { type CodexOptions, configWords } from "../options.ts";
import { codexHomeOf, isTrusted, override, tomlString } from "./config.ts";
import { nativeOf } from "./examine.ts";
import { type GitFolders, serverPermissions, terminalPermissions, writableForCommits } from "./permissions.ts";
import { readThread, writeLaunch } from "./record.ts";
import { LAUNCH_SCRIPT } from "./script.ts";

/** A socket's path has at most 103 bytes on every system. */
const MAX_SOCKET_BYTES = 100;

export interface LaunchCall {
  options: CodexOptions;
  config: AgentLaunchConfig;
  env: Readonly<Record<string, string>>;
  /** Short enough for sockets. */
  socketDir: string;
  /** `$AO_HOME`, or null if unknown. */
  aoHome: string | null;
  nowMs: number;
}

/** Codex's app server and terminal program for this session. Null if it should continue an unknown conversation. */
export async function launchSpec(call: LaunchCall): Promise<LaunchSpec | null> {
  const { options, config, env } = call;
  const resumes = resumedThread(config);
  if (config.resume !== undefined && resumes === null) return null;
  const git = await gitFolders(config.workspacePath);
  const codexHome = codexHomeOf(env);
  const socket = socketPath(call);
  const log = join(config.sessionDir, "codex-server.log");
  writeLaunch(config.sessionDir, {
    launch: config.launch ?? 1,
    socket,
    log,
    cwd: config.workspacePath,
    codexHome,
    permissions: options.permissions,
    allow: allowedCommands(options.permissions, options.allow),
    startedAtMs: call.nowMs,
    beginsTurn: (config.resume === undefined ? config.prompt : config.resume.message) !== undefined,
    resumes,
  });
  const server = serverWords(call, { git, codexHome });
  const program = findProgram(options.command, env);
  return {
    argv: [
      ...["/bin/sh", "-c", LAUNCH_SCRIPT, "ao-codex", socket, log],
      ...[program === null ? options.command : nativeOf(program), `${server.length}`],
      ...server,
      ...terminalWords(call, resumes),
    ],
    env: options.env,
    paste: "bracketed",
    promptDelivered: true,
  };
}

/** The app server decides about the conversation: sandbox, approvals, model, trust, instructions. */
function serverWords(
  { options, config, aoHome }: LaunchCall,
  at: { git: GitFolders | null; codexHome: string },
): string[] {
  const { workspacePath, projectConfig, instructions } = config;
  // The sandbox blocks the daemon's socket, so `ao report` uses the daemon's spool.
  const spool = aoHome === null ? [] : [join(aoHome, "daemon", "spool")];
  const writable = [...(at.git === null ? [] : writableForCommits(at.git)), ...spool];
  const trusted = [workspacePath, projectConfig.path, ...(at.git === null ? [] : [dirname(at.git.commonDir)])];
  return [
    ...serverPermissions(options.permissions, writable),
    // On many systems a login shell resets PATH, and commands would lose the session's own with its `ao`.
    ...override("allow_login_shell", "false"),
    ...(options.model === undefined ? [] : override("model", tomlString(options.model))),
    // Trust the checkout of a repository that the user trusts, only for this launch. Otherwise Codex asks, and we say so.
    ...(isTrusted(at.codexHome, trusted)
      ? override("projects", `{${tomlString(workspacePath)}={trust_level="trusted"}}`)
      : []),
    ...(instructions === undefined
      ? []
      : override("developer_instructions", tomlString(standing(instructions, options)))),
    ...configWords(options.args),
  ];
}

function terminalWords({ options, config }: LaunchCall, resumes: string | null): string[] {
  const { resume, workspacePath } = config;
  const text = resume === undefined ? config.prompt : resume.message;
  const file = resume === undefined ? config.promptFile : resume.messageFile;
  return [
    ...["-C", workspacePath],
    ...(resumes === null ? terminalPermissions(options.permissions) : []),
    // Nothing that asks before the first turn, or after a finished one.
    ...override("check_for_update_on_startup", "false"),
    ...override("notice.hide_rate_limit_model_nudge", "true"),
    ...(options.model === undefined || resumes !== null ? [] : ["-m", options.model]),
    ...options.args,
    ...(resumes === null ? [] : ["resume", resumes]),
    ...(text === undefined ? [] : ["--", asArgument(cleanMessage(text), file)]),
  ];
}

/** The conversation to continue, if it belongs to this very folder. One of another folder must never be continued here. */
function resumedThread({ resume, workspacePath, sessionDir }: AgentLaunchConfig): string | null {
  if (resume === undefined || resume.agentSessionId === null) return null;
  const known = readThread(sessionDir);
  if (known === null || known.id !== resume.agentSessionId) return resume.agentSessionId;
  if (known.cwd !== workspacePath) {
    throw new AoError("REFUSED", `the conversation ${known.id} belongs to another folder: ${known.cwd}`, {
      hint: "It is not continued here. Start a new session instead.",
    });
  }
  return known.path === null || isThere(known.path) ? known.id : null;
}

/** Codex may have compressed an old record, which makes its name longer. */
function isThere(record: string): boolean {
  try {
    return readdirSync(dirname(record)).some((name) => name.startsWith(basename(record)));
  } catch {
    return false; // Its folder does not exist either.
  }
}

/** Tells the model how to leave its sandbox for what `ao` asks of it. */
const OUT_OF_THE_SANDBOX = `Inside your sandbox there is no network, and \`ao pr create\`, \`git push\` and \`gh\` cannot work. Run them with \`sandbox_permissions: "require_escalated"\` at once, each as a plain command of its own.`;

function standing({ text, file }: { text: string; file: string }, { permissions }: CodexOptions): string {
  const whole = permissions === "skip" ? text : `${text.trimEnd()}\n\n${OUT_OF_THE_SANDBOX}\n`;
  if (Buffer.byteLength(whole) <= MAX_ARGUMENT_BYTES) return whole;
  return `Your standing instructions are in the file ${file}. Read all of it first, and follow it.`;
}

/** One per launch, so that leftovers of an earlier one are never mistaken for this one's. */
function socketPath({ config, socketDir }: LaunchCall): string {
  const { sessionId, launch = 1 } = config;
  const plain = join(socketDir, `codex-${sessionId}-${launch}.sock`);
  if (Buffer.byteLength(`${plain}.pipe`) <= MAX_SOCKET_BYTES) return plain;
  const short = createHash("sha256").update(sessionId).digest("hex").slice(0, 12);
  return join(socketDir, `cx-${short}-${launch}.sock`);
}

async function gitFolders(workspacePath: string): Promise<GitFolders | null> {
  try {
    const { commonDir, gitDir } = await openRepository(workspacePath);
    return { commonDir, gitDir };
  } catch {
    return null; // Not a repository, so there is nothing to commit to.
  }
}
