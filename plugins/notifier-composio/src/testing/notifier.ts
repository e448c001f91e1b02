import { pluginContext } from "@agent-orchestrator/testkit/plugin-context";
import { composioNotifier } from "../composio.ts";
import { parseOptions } from "../options.ts";
import { ACCOUNT, API_KEY, composioApi, TOOL, VERSION } from "./api.ts";

export const OPTIONS = {
  ...{ apiKey: API_KEY, tool: TOOL, version: VERSION, connectedAccountId: ACCOUNT, userId: "me" },
  arguments: { channel: "#ao", text: "{{title}}\n{{message}}" },
};

/** A notifier whose Composio is at this address. */
export function notifierAt(baseURL: string, more: Record<string, unknown> = {}) {
  const lines: string[] = [];
  const log = { debug: (text: string) => void lines.push(text), warn: (text: string) => void lines.push(text) };
  const notifier = composioNotifier(parseOptions({ ...OPTIONS, baseURL, ...more }), { ...pluginContext(), log });
  return { notifier, lines };
}

/** The same with a Composio of its own. */
export async function testComposio(more: Record<string, unknown> = {}) {
  const api = await composioApi();
  return { ...api, api, ...notifierAt(api.server.origin, more) };
}
