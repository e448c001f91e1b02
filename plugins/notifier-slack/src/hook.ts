import { type AoError, isAoError } from "@agent-orchestrator/core/model/errors";
import type { OrchestratorEvent } from "@agent-orchestrator/core/model/event";
import type { CallOptions, PluginContext } from "@agent-orchestrator/core/slots/common";
import type { Notifier, NotifyAction, NotifyContext } from "@agent-orchestrator/core/slots/notifier";
import { type Api, openApi } from "./api.ts";
import { hookError, limitedError, slackError, statusError } from "./errors.ts";
import { digest, type Ledger, openLedger } from "./ledger.ts";
import type { HookOptions } from "./options.ts";
import { eventOf, previewOf, renderNotice } from "./render.ts";

/** An incoming webhook: no threads, no edits, and no buttons but links. Whether a message arrived can't be looked up. */
export const hookNotifier = (options: HookOptions, context: PluginContext): Notifier => new Hook(options, context);

class Hook implements Notifier {
  readonly name = "slack";
  readonly #url: string;
  readonly #context: PluginContext;
  readonly #api: Api;
  #ledger: Ledger | null = null;
  /** What the last notice met. */
  #failure: AoError | null = null;

  constructor({ url }: HookOptions, context: PluginContext) {
    const { pathname, origin } = new URL(url);
    const secrets = [url, pathname, ...pathname.split("/").filter((part) => part.length >= 8)];
    this.#url = url;
    this.#context = context;
    this.#api = openApi({ token: "", apiUrl: `${origin}/`, secrets }, context);
  }

  notify(event: OrchestratorEvent, call?: CallOptions): Promise<void> {
    return this.notifyWithActions(event, [], call);
  }

  async notifyWithActions(event: OrchestratorEvent, actions: readonly NotifyAction[], call?: CallOptions) {
    call?.signal?.throwIfAborted();
    this.#ledger ??= openLedger(this.#context, `hook-${digest(this.#url)}`);
    const { messages } = this.#ledger;
    const at = this.#context.clock.now();
    for (const [index, { text, blocks }] of renderNotice(event, actions, false).entries()) {
      const key = digest(`${event.id}#${index}`);
      if (messages.get(key) !== undefined) continue;
      await this.#send({ text, blocks, mrkdwn: false, unfurl_links: false, unfurl_media: false }, call?.signal);
      const none = { owner: "", mark: "", thread: null, after: null, text: "", blocks: [], items: [] };
      messages.put({ key, event: digest(event.id), ...none, ts: String(at / 1000), at });
    }
  }

  async post(message: string, about?: NotifyContext, call?: CallOptions): Promise<null> {
    await this.notify(eventOf(message, about, this.#context.clock.now()), call);
    return null;
  }

  preview(event: OrchestratorEvent): string {
    return previewOf(event, false);
  }

  async check(call?: CallOptions) {
    call?.signal?.throwIfAborted();
    if (this.#failure === null) {
      return { ok: true, text: "notifications through an incoming webhook of Slack. `ao notify test` tries it" };
    }
    const { message: text, hint } = this.#failure;
    return { ok: false, text, ...(hint === undefined ? {} : { hint }) };
  }

  async #send(body: object, signal: AbortSignal | undefined): Promise<void> {
    try {
      await this.#post(JSON.stringify(body), signal);
      this.#failure = null;
    } catch (error) {
      if (isAoError(error)) this.#failure = error;
      throw error;
    }
  }

  async #post(body: string, signal: AbortSignal | undefined): Promise<void> {
    const { http, redact } = this.#api;
    const init = { method: "POST", headers: { "content-type": "application/json" }, body, redirect: "manual" as const };
    const sent = http.fetch(this.#url, signal === undefined ? init : { ...init, signal });
    const response = await sent.catch((error: unknown) => {
      signal?.throwIfAborted();
      throw slackError(error, redact);
    });
    if (response.ok) return;
    const waitS = Number(response.headers.get("retry-after") ?? 0);
    if (response.status === 429) throw limitedError(waitS * 1000);
    if (response.status >= 500) throw statusError(response.status, waitS);
    throw hookError(response.status, await response.text());
  }
}
