import { parseJson } from "@agent-orchestrator/agent-kit/kept";
import type { Clock } from "@agent-orchestrator/core/slots/common";
import { exec } from "@agent-orchestrator/plugin-kit/exec";
import { z } from "zod";
import { mayHaveRules } from "./own-words.ts";
import type { PermissionConfig, UserRules } from "./permissions.ts";

const Action = z.enum(["allow", "ask", "deny"]);
const Permission = z.union([
  Action.transform((action): PermissionConfig => ({ "*": action })),
  z.record(z.string(), z.union([Action, z.record(z.string(), Action)])),
]);
const Agent = z.looseObject({ permission: Permission.optional(), disable: z.boolean().optional() });
const Resolved = z.looseObject({
  permission: Permission.optional(),
  agent: z.record(z.string(), Agent).optional(),
  instructions: z.array(z.string()).optional(),
});

export const NO_RULES: UserRules = { permission: {}, agents: {} };
const TIMEOUT_MS = 20_000;

/** Several sessions are often started at once, and each answer costs a whole start of the program. */
const KEPT_MS = 60_000;
const kept = new Map<string, { at: number; rules: Promise<UserRules | null> }>();

export interface UserRulesQuestion {
  cwd: string;
  env: Record<string, string>;
  /** The same for all checkouts of one project. */
  key: string;
  clock: Clock;
}

/** Like `askUserRules`, but cached per project for at most a minute. */
export function readUserRules(program: string, { cwd, env, key, clock }: UserRulesQuestion): Promise<UserRules | null> {
  const name = JSON.stringify([
    program,
    key,
    env.HOME,
    env.XDG_CONFIG_HOME,
    env.OPENCODE_CONFIG,
    env.OPENCODE_CONFIG_CONTENT,
  ]);
  const known = kept.get(name);
  if (known !== undefined && clock.monotonic() - known.at < KEPT_MS) return known.rules;
  const rules = askUserRules(program, { cwd, env });
  kept.set(name, { at: clock.monotonic(), rules });
  return rules;
}

/**
 * The user's own rules, with all files merged, as OpenCode itself resolves them for this folder. Null if it did not say, like a release
 * without this command.
 */
async function askUserRules(
  program: string,
  { cwd, env }: { cwd: string; env: Record<string, string> },
): Promise<UserRules | null> {
  try {
    if (!(await mayHaveRules(cwd, env))) return NO_RULES;
    const { stdout } = await exec(program, ["debug", "config"], { cwd, env, timeoutMs: TIMEOUT_MS });
    return rulesIn(stdout);
  } catch {
    return null; // A program that can't report them is started anyway, with only our rules.
  }
}

export function rulesIn(output: string): UserRules | null {
  const parsed = Resolved.safeParse(parseJson(output.slice(Math.max(0, output.indexOf("{")))));
  if (!parsed.success) return null;
  const agents = Object.entries(parsed.data.agent ?? {}).map(([name, agent]) => [
    name,
    { permission: agent.permission ?? {}, isDisabled: agent.disable ?? false },
  ]);
  return { permission: parsed.data.permission ?? {}, agents: Object.fromEntries(agents) };
}
