import { isAoError } from "@agent-orchestrator/core/model/errors";
import type { AgentFinding } from "@agent-orchestrator/core/slots/agent";
import { exec } from "@agent-orchestrator/plugin-kit/exec";
import type { Options } from "./options.ts";
import { realFolder } from "./places.ts";
import { consents, locate } from "./program.ts";
import { isTried, TRIED } from "./versions.ts";

const VERSION_MS = 10_000;

export interface Examination {
  options: Options;
  env: Record<string, string>;
  /** The project's own folder, if there is one. */
  folder: string | null;
}

/** What `ao doctor` says about Claude Code. */
export async function examine(examination: Examination): Promise<AgentFinding[]> {
  const { options, env } = examination;
  let program: string;
  try {
    program = locate(options, env);
  } catch (error) {
    if (!isAoError(error)) throw error;
    return [{ level: "error", text: error.message, ...(error.hint === undefined ? {} : { hint: error.hint }) }];
  }
  return [await versionFinding(program, examination), ...consentFindings(examination), ...modeFindings(examination)];
}

async function versionFinding(program: string, { options, env }: Examination): Promise<AgentFinding> {
  const args = [...options.command.slice(1), "--version"];
  const answer = await exec(program, args, { env, timeoutMs: VERSION_MS }).catch((error: unknown) => error);
  if (answer instanceof Error)
    return { level: "warning", text: `${program} does not tell its version: ${answer.message}` };
  const version = /\d+\.\d+\.\d+/.exec((answer as { stdout: string }).stdout)?.[0] ?? null;
  if (isTried(version)) return { level: "ok", text: `Claude Code ${version}: ${program}` };
  return {
    level: "warning",
    text: `Claude Code ${version ?? "of an unknown version"} was not tried with this ao: its status is read with less trust`,
    hint: `Tried: ${TRIED.join(" to ")}. If a status looks wrong, say so with what \`ao explain\` shows.`,
  };
}

function consentFindings({ env, folder }: Examination): AgentFinding[] {
  const { isSetUp, isKeyApproved, isTrusted } = consents(env);
  const findings: AgentFinding[] = [];
  if (!isSetUp) {
    const text = "Claude Code was never set up here: its first start asks for theme and login";
    findings.push({ level: "warning", text, hint: "Run `claude` once in a terminal." });
  }
  if (!isKeyApproved) {
    const text = "Claude Code will ask whether it may use the key in ANTHROPIC_API_KEY";
    findings.push({ level: "warning", text, hint: "Run `claude` once and allow it, or answer with `ao answer`." });
  }
  if (folder !== null && isSetUp && !isTrusted(folder) && !isTrusted(realFolder(folder))) {
    const text = `Claude Code does not trust ${folder} yet: each session would begin with that question`;
    findings.push({
      level: "warning",
      text,
      hint: `Run \`claude\` once in ${folder} and say yes; worktrees inherit it.`,
    });
  }
  return findings;
}

function modeFindings({ options, env }: Examination): AgentFinding[] {
  if (options.permissions === "skip") {
    const text = "permissions: skip: Claude Code runs every command without a question";
    return [{ level: "warning", text, hint: "Your config says so. `edits` with an `allow` list asks for the rest." }];
  }
  if (options.permissions === "auto" && env.ANTHROPIC_BASE_URL !== undefined) {
    const text =
      "permissions: auto: its check runs at Anthropic, and with ANTHROPIC_BASE_URL set it may stop at a dialog";
    return [{ level: "warning", text, hint: "Use `edits` with an `allow` list." }];
  }
  return [];
}
