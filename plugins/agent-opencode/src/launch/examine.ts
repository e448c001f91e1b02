import { join } from "node:path";
import { examineProgram, locate } from "@agent-orchestrator/agent-kit/examine";
import type { AgentFinding } from "@agent-orchestrator/core/slots/agent";
import type { OpenCodeOptions } from "../options.ts";
import { readLinked } from "./user-config.ts";

/** The releases from which events, answers and screens were recorded. */
const TRIED = ["1.18"];

/** Throws UNAVAILABLE if the program is missing. */
export const locateOpenCode = ({ command, env: own }: OpenCodeOptions, env: Record<string, string>): string =>
  locate({ command, env: { ...env, ...own }, install: "npm install -g opencode-ai" });

/** What `ao doctor` says about OpenCode. */
export async function examine(options: OpenCodeOptions, environment: Record<string, string>): Promise<AgentFinding[]> {
  const env = { ...environment, ...options.env };
  const { path, findings } = await examineProgram({
    title: "OpenCode",
    locate: () => locateOpenCode(options, environment),
    env,
    tried: TRIED,
    hint: "Its server's answers are checked one by one. What ao does not know is ignored, and the screen is trusted less.",
  });
  if (path === null) return findings;
  const text = "permissions: skip, so OpenCode runs everything that its config does not deny";
  const mode: AgentFinding[] = options.permissions === "skip" ? [{ level: "warning", text }] : [];
  return [...findings, ...(await loginFinding(env)), ...mode];
}

const FILES = ["config.json", "opencode.json", "opencode.jsonc"];
/** A provider, or a model of one. */
const NAMES_PROVIDER = /"(provider|model)"\s*:/;
/** Providers have keys of many names: `ANTHROPIC_API_KEY`, `AWS_PROFILE`, … */
const KEY =
  /(_API_KEY|_API_TOKEN|_ACCESS_TOKEN)$|^(AWS_|GOOGLE_|AZURE_|GITHUB_TOKEN|OPENCODE_(CONFIG|CONFIG_CONTENT|CONFIG_DIR|AUTH_CONTENT)$)/;

/**
 * A warning if nothing indicates a provider. Never an error, because OpenCode has its own free models, and a checkout or an
 * organisation may bring a provider.
 */
export async function loginFinding(env: Readonly<Record<string, string>>): Promise<AgentFinding[]> {
  if (Object.entries(env).some(([name, value]) => value !== "" && KEY.test(name))) return [];
  const home = env.HOME ?? "/";
  const auth = join(env.XDG_DATA_HOME ?? join(home, ".local/share"), "opencode", "auth.json");
  if (/"/.test(await textOf(auth))) return [];
  const configDir = join(env.XDG_CONFIG_HOME ?? join(home, ".config"), "opencode");
  const texts = await Promise.all(FILES.map((name) => textOf(join(configDir, name))));
  if (texts.some((text) => NAMES_PROVIDER.test(text))) return [];
  return [
    {
      level: "warning",
      text: "it cannot be told whether OpenCode has a model to work with: there is no login, no provider in its config, and no API key in the environment",
      hint: "Run `opencode auth list` to check, `opencode auth login` to log in.",
    },
  ];
}

/** What can't be read may contain anything, so it counts as a login. */
const textOf = async (path: string): Promise<string> => (await readLinked(path).catch(() => '"provider":')) ?? "";
