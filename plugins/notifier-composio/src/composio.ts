import { newId } from "@agent-orchestrator/core/host/ids";
import { isAoError } from "@agent-orchestrator/core/model/errors";
import type { NotificationDocument } from "@agent-orchestrator/core/model/notification";
import { toIso } from "@agent-orchestrator/core/model/time";
import type { PluginContext } from "@agent-orchestrator/core/slots/common";
import type { Notifier } from "@agent-orchestrator/core/slots/notifier";
import { redactor } from "@agent-orchestrator/plugin-kit/http/redact";
import { documentOf, documentOfText } from "@agent-orchestrator/plugin-kit/notice";
import { untilAborted } from "@agent-orchestrator/plugin-kit/until-aborted";
import { type Client, openClient } from "./client.ts";
import { failureOf, type Reading, toolFailure } from "./failure.ts";
import type { Options } from "./options.ts";
import { filled } from "./template.ts";

export type ComposioWorld = Pick<PluginContext, "clock" | "log" | "env">;

/** Executes one tool of Composio's for each event. */
export function composioNotifier(options: Options, world: ComposioWorld): Notifier {
  const { clock } = world;
  const redact = redactor(() => [options.apiKey]);
  const reading = (): Reading => ({ options, redact, nowMs: clock.now() });
  let opening: Promise<Client> | null = null;

  const call = async <T>(signal: AbortSignal | undefined, work: (client: Client) => Promise<T>): Promise<T> => {
    signal?.throwIfAborted();
    const opened = opening ?? openClient(options, world);
    opening = opened;
    let client: Client | null = null;
    try {
      return await untilAborted(signal, async () => {
        client = await opened;
        client.forget();
        return work(client);
      });
    } catch (error) {
      // What could not be loaded is tried again.
      if (client === null) opening = null;
      signal?.throwIfAborted();
      if (isAoError(error)) throw error;
      throw failureOf(error, (client as Client | null)?.failure(), reading());
    }
  };
  const send = (notice: NotificationDocument, signal: AbortSignal | undefined) =>
    call(signal, async ({ composio }) => {
      const { successful, error } = await composio.tools.execute(
        options.tool,
        bodyFor(options, notice),
        optional(signal),
      );
      if (!successful) throw toolFailure(error, reading());
    });
  return {
    name: "composio",
    notify: (event, given) => send(documentOf(event), given?.signal),
    notifyWithActions: (event, actions, given) => send(documentOf(event, actions), given?.signal),
    async post(message, about, given) {
      await send(documentOfText(message, { ...about, id: newId(), ts: toIso(clock.now()) }), given?.signal);
      return null;
    },
    preview: (event) => redact(JSON.stringify(bodyFor(options, documentOf(event)).arguments)),
    check: (given) => check(options, (work) => call(given?.signal, work), given?.signal),
  };
}

function bodyFor(options: Options, notice: NotificationDocument) {
  const { version, connectedAccountId, userId, text } = options;
  return {
    arguments: filled(options.arguments, notice, text) as Record<string, unknown>,
    version,
    ...(connectedAccountId === undefined ? {} : { connectedAccountId }),
    ...(userId === undefined ? {} : { userId }),
  };
}

const optional = (signal: AbortSignal | undefined) => (signal === undefined ? {} : { signal });

type Ask = <T>(work: (client: Client) => Promise<T>) => Promise<T>;

/** Whether the key is taken, and the tool and the account are there. Executes nothing. */
async function check(
  { tool, version, connectedAccountId }: Options,
  ask: Ask,
  signal: AbortSignal | undefined,
): Promise<{ ok: boolean; text: string; hint?: string }> {
  try {
    await ask(({ composio }) => composio.getClient().tools.retrieve(tool, { version }, optional(signal)));
    if (connectedAccountId === undefined) return { ok: true, text: `notifications through ${tool} of Composio` };
    const { status } = await ask(({ composio }) =>
      composio.getClient().connectedAccounts.retrieve(connectedAccountId, optional(signal)),
    );
    if (status === "ACTIVE") return { ok: true, text: `notifications through ${tool} of Composio` };
    return {
      ok: false,
      text: `the account ${connectedAccountId} is ${String(status).toLowerCase()} at Composio`,
      hint: "Connect it again in Composio.",
    };
  } catch (error) {
    signal?.throwIfAborted();
    if (!isAoError(error)) throw error;
    return { ok: false, text: error.message, ...(error.hint === undefined ? {} : { hint: error.hint }) };
  }
}
