import { newId } from "@agent-orchestrator/core/host/ids";
import { isAoError } from "@agent-orchestrator/core/model/errors";
import type { OrchestratorEvent } from "@agent-orchestrator/core/model/event";
import { toIso } from "@agent-orchestrator/core/model/time";
import type { PluginContext } from "@agent-orchestrator/core/slots/common";
import type { Notifier, NotifyAction } from "@agent-orchestrator/core/slots/notifier";
import { openApi } from "./api.ts";
import type { KnownBlock } from "./blocks.ts";
import { hookError, limitedError, slackError, statusError } from "./errors.ts";
import { digest, openLedger } from "./ledger.ts";
import type { HookOptions } from "./options.ts";
import { renderNotice } from "./render.ts";

/** An incoming webhook: no threads, no edits, and no buttons but links. Whether a message arrived can't be looked up. */
export function hookNotifier({ url }: HookOptions, context: PluginContext): Notifier {
  const { clock } = context;
  const { pathname, origin } = new URL(url);
  const secrets = [url, pathname, ...pathname.split("/").filter((part) => part.length >= 8)];
  const { http, redact } = openApi({ token: "", apiUrl: `${origin}/`, secrets }, context);
  let ledger: ReturnType<typeof openLedger> | null = null;
  /** What the last notice met. */
  let refusal: { text: string; hint?: string } | null = null;

  async function post(text: string, blocks: readonly KnownBlock[], signal: AbortSignal | undefined): Promise<void> {
    const body = JSON.stringify({ text, blocks, mrkdwn: false, unfurl_links: false, unfurl_media: false });
    const init = { method: "POST", headers: { "content-type": "application/json" }, body, redirect: "manual" as const };
    const response = await http
      .fetch(url, signal === undefined ? init : { ...init, signal })
      .catch((error: unknown) => {
        signal?.throwIfAborted();
        throw slackError(error, redact);
      });
    if (response.ok) return;
    const wait = Number(response.headers.get("retry-after") ?? 0);
    if (response.status === 429) throw limitedError(wait * 1000);
    if (response.status >= 500) throw statusError(response.status, wait);
    throw hookError(response.status, await response.text());
  }

  async function send(event: OrchestratorEvent, actions: readonly NotifyAction[], signal: AbortSignal | undefined) {
    signal?.throwIfAborted();
    ledger ??= openLedger(context, `hook-${digest(url)}`);
    for (const [index, { text, blocks }] of renderNotice(event, actions, false).entries()) {
      const key = digest(`${event.id}#${index}`);
      if (ledger.messages.get(key) !== undefined) continue;
      try {
        await post(text, blocks, signal);
      } catch (error) {
        if (isAoError(error)) refusal = { text: error.message, ...hintOf(error.hint) };
        throw error;
      }
      refusal = null;
      const none = { mark: "", thread: null, after: null, text: "", blocks: [], items: [] };
      ledger.messages.put({ key, ...none, ts: String(clock.now() / 1000), at: clock.now() });
    }
  }

  return {
    name: "slack",
    notify: (event, call) => send(event, [], call?.signal),
    notifyWithActions: (event, actions, call) => send(event, actions, call?.signal),
    async post(message, about, call) {
      const { sessionId = null, projectId = null } = about ?? {};
      const event = {
        seq: 0,
        id: newId(),
        ts: toIso(clock.now()),
        type: "message",
        priority: "info" as const,
        message,
      };
      await send({ ...event, sessionId, projectId, data: {} }, [], call?.signal);
      return null;
    },
    async check(call) {
      call?.signal?.throwIfAborted();
      return refusal === null
        ? { ok: true, text: "notifications through an incoming webhook of Slack, which only a notice can test" }
        : { ok: false, ...refusal };
    },
  };
}

const hintOf = (hint: string | undefined): { hint?: string } => (hint === undefined ? {} : { hint });
