import { exec } from "@agent-orchestrator/plugin-kit/exec";

/** What aider writes into the repository's config if it finds no name. We only pass it to aider and its child processes. */
const PLACEHOLDERS = { "user.name": "Your Name", "user.email": "you@example.com" } as const;
const GIT_MS = 5_000;

/** Variables that keep aider from writing a made-up name into the user's git config. None if the user has a name. */
export async function identityEnv(cwd: string, env: Readonly<Record<string, string>>): Promise<Record<string, string>> {
  const missing: [string, string][] = [];
  for (const [key, value] of Object.entries(PLACEHOLDERS)) {
    if (!(await isSet(key, cwd, env))) missing.push([key, value]);
  }
  if (missing.length === 0) return {};
  const before = Number(env.GIT_CONFIG_COUNT ?? "0") || 0;
  const added = missing.flatMap(([key, value], at) => [
    [`GIT_CONFIG_KEY_${before + at}`, key],
    [`GIT_CONFIG_VALUE_${before + at}`, value],
  ]);
  return { ...Object.fromEntries(added), GIT_CONFIG_COUNT: String(before + missing.length) };
}

async function isSet(key: string, cwd: string, env: Readonly<Record<string, string>>): Promise<boolean> {
  try {
    // 1: no such key. 128: no repository.
    const { exitCode } = await exec("git", ["config", "--get", key], {
      cwd,
      env,
      timeoutMs: GIT_MS,
      okExits: [0, 1, 128],
    });
    return exitCode !== 1;
  } catch {
    return true; // Without git aider writes nothing either. The launch will report anything else that is wrong.
  }
}
