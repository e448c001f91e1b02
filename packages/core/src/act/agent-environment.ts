/** Set by ao itself for each session. */
const OURS = /^AO_/;

/** `env` of the agent's options: variables for its program in addition to the session's own. */
export function agentEnvironment(agentConfig: Record<string, unknown>): Record<string, string> {
  const { env } = agentConfig;
  if (typeof env !== "object" || env === null) return {};
  const given = Object.entries(env).filter(([name, value]) => typeof value === "string" && !OURS.test(name));
  return Object.fromEntries(given) as Record<string, string>;
}
