import type { CallOptions } from "@agent-orchestrator/core/slots/common";
import type { GitHub } from "./client.ts";

/** The login that requests are made as. */
export async function viewer(github: GitHub, call?: CallOptions): Promise<string> {
  const what = "ask GitHub whose token this is";
  const answer = await github.graphql<{ viewer: { login: string } }>(
    "query { viewer { login } }",
    {},
    { what, ...call },
  );
  return answer.viewer.login;
}
