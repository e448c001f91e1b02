import { withDeadline } from "@agent-orchestrator/core/host/deadline";
import { spread } from "@agent-orchestrator/core/host/ids";
import { AoError, isAoError } from "@agent-orchestrator/core/model/errors";
import type { Notifier } from "@agent-orchestrator/core/slots/notifier";
import { backOffMs } from "@agent-orchestrator/plugin-kit/http/retry";
import { untilAborted } from "@agent-orchestrator/plugin-kit/until-aborted";
import type { SocketModeClient, SocketModeOptions } from "@slack/socket-mode";
import { openApi, SILENT, type World } from "./api.ts";
import { codeOf, slackError } from "./errors.ts";
import type { BotOptions } from "./options.ts";
import { openReception, type Reception } from "./reception.ts";
import type { Office } from "./slack.ts";

export type Act = Parameters<NonNullable<Notifier["listen"]>>[0];

export interface Listening {
  office: Office;
  options: BotOptions & { appToken: string };
  world: World;
  act: Act;
}

const CONNECT_MS = 20_000;
const FIRST_PAUSE_MS = 1_000;
/** A connection that lasted this long worked. Slack itself renews it every few hours. */
const STABLE_MS = 30_000;

/** Passes on what people press and write, through one socket at a time. Returns when the signal aborts. Throws for a token that won't do. */
export async function listen(listening: Listening, signal: AbortSignal): Promise<void> {
  const { world } = listening;
  const { clock, log } = world;
  const reception = openReception(listening);
  for (let failures = 0; !signal.aborted; ) {
    const began = clock.monotonic();
    try {
      await connection(listening, reception, signal);
    } catch (error) {
      if (signal.aborted) break;
      if (isFinal(error)) throw error;
      log.warn("the socket to Slack failed, and is opened again", {
        why: isAoError(error) ? error.message : String(error),
      });
    }
    failures = clock.monotonic() - began > STABLE_MS ? 0 : failures + 1;
    if (failures === 0 || signal.aborted) continue;
    // Renewed at once the first time: Slack asks for that.
    const pauseMs = failures === 1 ? 0 : backOffMs(failures, { firstMs: FIRST_PAUSE_MS, chance: spread() });
    await clock.sleep(pauseMs, signal).catch(() => undefined); // The signal is looked at next.
  }
  await reception.settled();
}

/** A refusal of Slack's, as opposed to an outage. */
const isFinal = (error: unknown): boolean => isAoError(error) && error.code === "UNAVAILABLE";

/** One socket, from opening to its end. */
async function connection(listening: Listening, reception: Reception, signal: AbortSignal): Promise<void> {
  const { options, world } = listening;
  const { appToken, apiUrl, token } = options;
  const api = openApi({ token: appToken, apiUrl, secrets: [token, appToken] }, world);
  const { SocketModeClient: Client } = await loadSdk();
  const dispatcher = await api.http.dispatcherTo(new URL(apiUrl));
  const settings: SocketModeOptions = {
    ...{ appToken, logger: SILENT, autoReconnectEnabled: false },
    clientOptions: api.clientOptions(signal),
    ...(dispatcher === null ? {} : { dispatcher }),
  };
  const client = new Client(settings);
  let reason = "";
  client.on("ws_message", (data: unknown) => {
    reason = disconnectReason(data) ?? reason;
  });
  client.on("slack_event", (event: Parameters<Reception["take"]>[0]) => void reception.take(event));
  const ended = new Promise<void>((resolve) => client.once("disconnected", () => resolve()));
  try {
    await start(client, { world, signal, redact: api.redact });
    await untilAborted(signal, () => ended);
  } finally {
    await close(client, world);
  }
  if (reason === "link_disabled") throw socketOff();
}

function disconnectReason(data: unknown): string | null {
  if (typeof data !== "string" || !data.includes('"disconnect"')) return null;
  try {
    const { type, reason } = JSON.parse(data) as { type?: unknown; reason?: unknown };
    return type === "disconnect" ? String(reason) : null;
  } catch {
    return null; // The SDK skips it as well.
  }
}

interface Starting {
  world: World;
  signal: AbortSignal;
  redact(text: string): string;
}

async function start(client: SocketModeClient, { world, signal, redact }: Starting): Promise<void> {
  const late = () => new AoError("UNREACHABLE", `Slack did not open a socket within ${CONNECT_MS / 1000} s`);
  const limits = { clock: world.clock, ms: CONNECT_MS, signal, late };
  try {
    await withDeadline(() => client.start(), limits);
  } catch (error) {
    signal.throwIfAborted();
    // The SDK gives no reason where the socket ended before it was ready.
    if (error === undefined) throw new AoError("UNREACHABLE", "Slack closed the socket before it was ready");
    throw appError(slackError(error, redact));
  }
}

function appError(error: unknown): unknown {
  const code = codeOf(error);
  if (code === null || !isAoError(error) || error.code !== "UNAVAILABLE") return error;
  const lacks = code === "missing_scope";
  return new AoError(
    "UNAVAILABLE",
    lacks ? "`appToken` lacks the scope connections:write" : `\`appToken\`: ${error.message}`,
    {
      hint: "Make an app-level token with the scope connections:write, under Basic Information of the app.",
      details: { slack: code },
    },
  );
}

const socketOff = (): AoError =>
  new AoError("UNAVAILABLE", "Socket Mode is turned off for the app", {
    hint: "Turn it on under Socket Mode of the app.",
    details: { slack: "link_disabled" },
  });

const CLOSE_MS = 1_000;

/** Says goodbye, and leaves when the other side does not answer. */
async function close(client: SocketModeClient, { clock }: World): Promise<void> {
  const over = new AbortController();
  const gone = client.disconnect().finally(() => over.abort());
  await clock.sleep(CLOSE_MS, over.signal).then(
    () => client.disconnect(),
    () => undefined, // It ended by itself.
  );
  await gone;
}

/** Bundled, a CommonJS module has only its default. */
async function loadSdk(): Promise<typeof import("@slack/socket-mode")> {
  const loaded: { default?: unknown } = await import("@slack/socket-mode");
  return (loaded.default ?? loaded) as typeof import("@slack/socket-mode");
}
