import { existsSync } from "node:fs";
import { join } from "node:path";
import { failed } from "@agent-orchestrator/agent-kit/examine";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { AgentFinding } from "@agent-orchestrator/core/slots/agent";
import type { CodexOptions } from "../options.ts";
import { codexHomeOf, isTrusted, readConfig, tomlString } from "./config.ts";

const KEYS = ["OPENAI_API_KEY", "CODEX_API_KEY", "CODEX_ACCESS_TOKEN"];
/** A provider other than OpenAI, or a login that is not stored in a file. */
const OWN_LOGIN = /\b(model_providers?|oss_provider|cli_auth_credentials_store|profiles?)\b/;
const OWN_PROVIDER = /model_provider|^(--oss|--local-provider|--profile|-p)(=|$)/;

export interface SetupQuestion {
  options: CodexOptions;
  env: Readonly<Record<string, string>>;
  /** Null if unknown. */
  repository: string | null;
}

/** Null if Codex has its folder. Without it (0.171) its app server ends at once. Its terminal program creates it at the first start. */
export function neverStarted(env: Readonly<Record<string, string>>): AoError | null {
  const codexHome = codexHomeOf(env);
  if ((env.HOME ?? env.CODEX_HOME ?? "") === "" || existsSync(codexHome)) return null;
  return new AoError("UNAVAILABLE", `Codex was never set up here: there is no ${codexHome}`, {
    hint: "Start `codex` once by itself, and log in.",
  });
}

/** What files and variables say about Codex's login and its trust in the repository. Starts nothing. */
export function examineSetup({ options, env, repository }: SetupQuestion): AgentFinding[] {
  const missing = neverStarted(env);
  if (missing !== null) return [failed(missing)];
  const codexHome = codexHomeOf(env);
  const findings: AgentFinding[] = [];
  if (!hasSignOfLogin(codexHome, { options, env })) {
    findings.push({
      level: "warning",
      text: `it cannot be told that Codex is logged in: there is no auth.json and no provider in ${codexHome}, and no API key in the environment`,
      hint: "Run `codex login status` to check, `codex login` to log in.",
    });
  }
  if (repository !== null && !isTrusted(codexHome, [repository])) {
    findings.push({
      level: "warning",
      text: `Codex does not trust ${repository}: it asks at the start of each session, and keeps the answer for that session's folder only`,
      hint: `Start \`codex\` in ${repository} once and say yes, or write [projects.${tomlString(repository)}] with trust_level = "trusted" into ${join(codexHome, "config.toml")}.`,
    });
  }
  return findings;
}

function hasSignOfLogin(codexHome: string, { options, env }: Pick<SetupQuestion, "options" | "env">): boolean {
  if (existsSync(join(codexHome, "auth.json"))) return true;
  if (KEYS.some((name) => (env[name] ?? "") !== "")) return true;
  return OWN_LOGIN.test(readConfig(codexHome) ?? "") || options.args.some((word) => OWN_PROVIDER.test(word));
}
