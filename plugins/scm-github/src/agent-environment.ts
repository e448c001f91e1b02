import type { CallOptions } from "@agent-orchestrator/core/slots/common";
import { isPublic, webUrl } from "@agent-orchestrator/plugin-kit/github/options";
import type { Desk } from "./desk.ts";

/** The token for an agent's own `gh`, under the names that `gh` reads. That of the account in `identity`, if there is one. */
export async function agentEnvironment({ writer, options }: Desk, call?: CallOptions): Promise<Record<string, string>> {
  const token = await writer.token(call);
  if (isPublic(options.baseUrl)) return { GH_TOKEN: token, GITHUB_TOKEN: token };
  const { host } = new URL(webUrl(options.baseUrl));
  return { GH_ENTERPRISE_TOKEN: token, GITHUB_ENTERPRISE_TOKEN: token, GH_HOST: host };
}
