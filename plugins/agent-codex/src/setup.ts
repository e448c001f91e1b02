import { existsSync } from "node:fs";
import { join } from "node:path";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { AgentFinding } from "@agent-orchestrator/core/slots/agent";
import { codexHomeOf, isTrusted, readConfig } from "./home.ts";
import type { CodexOptions } from "./options.ts";
import { tomlString } from "./toml.ts";

const KEYS = ["OPENAI_API_KEY", "CODEX_API_KEY", "CODEX_ACCESS_TOKEN"];
/** Another provider than OpenAI, or a login that is kept elsewhere than in a file. */
const OWN_LOGIN = /\b(model_providers?|oss_provider|cli_auth_credentials_store|profiles?)\b/;
const OWN_PROVIDER = /model_provider|^(--oss|--local-provider|--profile|-p)(=|$)/;

export interface SetupQuestion {
  options: CodexOptions;
  env: Readonly<Record<string, string>>;
  /** null: not known. */
  repository: string | null;
}

/** null: Codex has a folder of its own. Without one (0.171) its app server ends at once; its terminal program makes it at the first start. */
export function neverStarted(env: Readonly<Record<string, string>>): AoError | null {
  const codexHome = codexHomeOf(env);
  if ((env.HOME ?? env.CODEX_HOME ?? "") === "" || existsSync(codexHome)) return null;
  return new AoError("UNAVAILABLE", `Codex was never set up here: there is no ${codexHome}`, {
    hint: "Start `codex` once by itself, and log in.",
  });
}

/** What files and variables tell of Codex's login and its trust in the repository. Nothing is started for it. */
export function examineSetup({ options, env, repository }: SetupQuestion): AgentFinding[] {
  const missing = neverStarted(env);
  if (missing !== null) {
    return [{ level: "error", text: missing.message, ...(missing.hint === undefined ? {} : { hint: missing.hint }) }];
  }
  const codexHome = codexHomeOf(env);
  const findings: AgentFinding[] = [];
  if (!hasSignOfLogin(codexHome, { options, env })) {
    findings.push({
      level: "warning",
      text: `it cannot be told that Codex is logged in: there is no auth.json and no provider in ${codexHome}, and no API key in the environment`,
      hint: "`codex login status` says it, `codex login` logs in.",
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
