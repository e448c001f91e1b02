import { examineProgram } from "@agent-orchestrator/agent-kit/examine";
import { realFolder } from "@agent-orchestrator/agent-kit/launch";
import type { AgentFinding } from "@agent-orchestrator/core/slots/agent";
import type { Options } from "../options.ts";
import { consents, isTried, locateClaude, TRIED } from "./program.ts";

export interface Examination {
  options: Options;
  env: Record<string, string>;
  /** The project's own folder, if there is one. */
  folder: string | null;
}

/** What `ao doctor` says about Claude Code. */
export async function examine(examination: Examination): Promise<AgentFinding[]> {
  const { options, env } = examination;
  const { path, findings } = await examineProgram({
    title: "Claude Code",
    locate: () => locateClaude(options, env),
    args: options.command.slice(1),
    env,
    tried: [TRIED.join(" to ")],
    isTried,
    hint: "Its status is read with less trust. If it looks wrong, say so with what `ao explain` shows.",
  });
  return path === null ? findings : [...findings, ...consentFindings(examination), ...modeFindings(examination)];
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
