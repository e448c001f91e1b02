import { join } from "node:path";
import type { AgentFinding } from "@agent-orchestrator/core/slots/agent";
import { readLinked } from "./own-words.ts";

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
