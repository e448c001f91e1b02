import { type FaultyServer, faultyServer, type Seen } from "@agent-orchestrator/testkit/faulty-server";
import { pluginContext } from "@agent-orchestrator/testkit/plugin-context";
import { parseOptions } from "../options.ts";
import { type WebhookWorld, webhookNotifier } from "../webhook.ts";

export interface TestHook {
  server: FaultyServer;
  notifier: ReturnType<typeof webhookNotifier>;
  /** What was logged. */
  lines: string[];
  /** The requests at its address. */
  posts(): Seen[];
}

export const SECRET_PATH = "/hooks/T0secret/B0secret";

/** A notifier with these options whose address is a real server on loopback. It answers 204 until a test says otherwise. */
export async function testHook(
  options: Record<string, unknown> = {},
  world: Partial<WebhookWorld> & { tls?: "server" | "expired" } = {},
): Promise<TestHook> {
  const { tls, ...more } = world;
  const server = await faultyServer(tls === undefined ? {} : { tls });
  const url = `${server.origin}${SECRET_PATH}`;
  server.on(SECRET_PATH, (_request, response) => void response.writeHead(204).end());
  return { server, ...withOptions({ url, allowPrivate: true, ...options }, more, server) };
}

export function withOptions(
  options: Record<string, unknown>,
  world: Partial<WebhookWorld> = {},
  server?: FaultyServer,
) {
  const lines: string[] = [];
  const log = { debug: (text: string) => void lines.push(text), warn: (text: string) => void lines.push(text) };
  const notifier = webhookNotifier(parseOptions(options), { ...pluginContext(), log, ...world });
  const posts = () => (server?.seen ?? []).filter(({ method }) => method === "POST");
  return { notifier, lines, posts };
}
