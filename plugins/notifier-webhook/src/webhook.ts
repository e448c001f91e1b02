import type { lookup } from "node:dns";
import { newId } from "@agent-orchestrator/core/host/ids";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { NotificationDocument } from "@agent-orchestrator/core/model/notification";
import { formatDuration, toIso } from "@agent-orchestrator/core/model/time";
import type { Clock, PluginContext } from "@agent-orchestrator/core/slots/common";
import type { Notifier } from "@agent-orchestrator/core/slots/notifier";
import { isPrivateHost } from "@agent-orchestrator/plugin-kit/http/addresses";
import { createHttp, type Http } from "@agent-orchestrator/plugin-kit/http/client";
import { nameOf, redactor } from "@agent-orchestrator/plugin-kit/http/redact";
import { documentOf, documentOfText } from "@agent-orchestrator/plugin-kit/notice";
import { FORMATS, SERVICES } from "./formats/formats.ts";
import type { Options } from "./options.ts";
import { failureOf, type Verdict, verdictOn } from "./response.ts";
import { signatureOf } from "./sign.ts";

/** Core waits ten seconds for a notifier. Attempts and pauses are within this. */
const DEADLINE_MS = 9_000;
const ATTEMPT_MS = 5_000;
const FIRST_PAUSE_MS = 250;
const MAX_ANSWER_BYTES = 256 << 10;

export interface WebhookWorld extends Pick<PluginContext, "clock" | "log" | "env"> {
  /** Resolves names. Default: as the system does. */
  lookUp?: typeof lookup;
}

interface Webhook {
  options: Options;
  clock: Clock;
  http: Http;
  /** "Slack" */
  service: string;
  redact(text: string): string;
  standing: Standing;
}

/** What the last answers mean for the next notice. Known until the daemon or the config is another. */
interface Standing {
  /** It was refused, and the same would be refused again. Null after one that was taken. */
  refusal: AoError | null;
  isGone: boolean;
  /** In the clock's monotonic milliseconds: nothing is sent before. */
  quietUntil: number;
}

export function webhookNotifier(options: Options, world: WebhookWorld): Notifier {
  const hook = open(options, world);
  const { clock } = world;
  return {
    name: "webhook",
    notify: (event, call) => send(hook, documentOf(event), call?.signal),
    notifyWithActions: (event, actions, call) => send(hook, documentOf(event, actions), call?.signal),
    async post(message, about, call) {
      await send(hook, documentOfText(message, { ...about, id: newId(), ts: toIso(clock.now()) }), call?.signal);
      return null;
    },
    preview: (event) => hook.redact(FORMATS[options.format](documentOf(event), options).body),
    check: (call) => check(hook, call?.signal),
  };
}

function open(options: Options, { clock, log, env, lookUp }: WebhookWorld): Webhook {
  const service = SERVICES[options.format];
  const secrets = secretsOf(options);
  const http = createHttp({
    ...{ name: service, clock, log, env, secrets: () => secrets },
    // An address of the config is no better than any other. It may be public and lead to a private one.
    origins: [],
    allowPrivate: options.allowPrivate,
    allowPlain: options.allowPrivate && isPrivateHost(new URL(options.url).hostname) === true,
    // Each notice has a key by which its receiver knows it again. One too many is better than none.
    isSafe: () => true,
    ...{ attemptMs: ATTEMPT_MS, deadlineMs: DEADLINE_MS, pauseMs: FIRST_PAUSE_MS, maxBytes: MAX_ANSWER_BYTES },
    ...(options.ca === undefined ? {} : { ca: options.ca }),
    ...(lookUp === undefined ? {} : { lookUp }),
  });
  const standing = { refusal: null, isGone: false, quietUntil: Number.NEGATIVE_INFINITY };
  return { options, clock, http, service, redact: redactor(() => secrets), standing };
}

/** Shorter parts of an address are words, such as `hooks`. */
const SECRET_PART = 8;

/** Everything that no message or log line may have in it: the address as a whole, its path, also where it is cut, and their parts. */
function secretsOf({ url, secret, token, headers }: Options): string[] {
  const { href, origin, pathname, search, searchParams } = new URL(url);
  const shownPath = nameOf("POST", new URL(url)).slice(`POST ${origin}`.length);
  const parts = [...pathname.split("/"), ...searchParams.values()].filter((part) => part.length >= SECRET_PART);
  const all = [url, href, `${pathname}${search}`, pathname, search, shownPath, secret, token, ...parts];
  return [...all, ...Object.values(headers)].filter((text): text is string => text !== undefined && text.length >= 6);
}

async function send(hook: Webhook, notice: NotificationDocument, signal: AbortSignal | undefined): Promise<void> {
  const { options, clock, http, service, redact } = hook;
  signal?.throwIfAborted();
  // The user's own test tries again what would be refused.
  if (notice.type !== "notify.test") requireWanted(hook);
  const { url, headers, body } = FORMATS[options.format](notice, options);
  try {
    const response = await http.fetch(url, {
      method: "POST",
      headers: { ...lowerCase(options.headers), ...headers, ...ownHeaders(hook, notice.id, body) },
      body,
      redirect: "manual",
      ...(signal === undefined ? {} : { signal }),
    });
    const verdict = await verdictOn(response, { service, redact, nowMs: clock.now() });
    learn(hook, verdict);
    if (verdict.error !== null) throw verdict.error;
  } catch (error) {
    signal?.throwIfAborted();
    throw failureOf(error, { service, redact });
  }
}

const lowerCase = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

function ownHeaders({ options, clock }: Webhook, id: string, body: string): Record<string, string> {
  const timestamp = String(Math.floor(clock.now() / 1000));
  return {
    "user-agent": "agent-orchestrator",
    "idempotency-key": encodeURIComponent(id),
    "ao-timestamp": timestamp,
    ...(options.secret === undefined ? {} : { "ao-signature": signatureOf(options.secret, { timestamp, body }) }),
  };
}

/** Throws if the far end said that it wants nothing, or nothing now. */
function requireWanted({ standing, clock, service }: Webhook): void {
  if (standing.isGone && standing.refusal !== null) throw standing.refusal;
  const waitMs = standing.quietUntil - clock.monotonic();
  if (waitMs <= 0) return;
  throw new AoError("TRY_AGAIN", `${service} asks to wait ${formatDuration(waitMs)}`, {
    hint: "It was sent too much, by ao or by others.",
    details: { retryAfterMs: waitMs },
  });
}

function learn({ standing, clock }: Webhook, { error, isGone, waitMs }: Verdict): void {
  standing.isGone = isGone;
  standing.refusal = error?.code === "UNAVAILABLE" ? error : null;
  standing.quietUntil = clock.monotonic() + waitMs;
}

/** What the last notice met, or else whether the service answers at all. Its root is asked, without any header of ours. */
async function check(hook: Webhook, signal: AbortSignal | undefined): ReturnType<NonNullable<Notifier["check"]>> {
  const { options, clock, http, service, standing, redact } = hook;
  signal?.throwIfAborted();
  const { refusal } = standing;
  if (refusal !== null) return { ok: false, text: refusal.message, ...hintOf(refusal) };
  const waitMs = standing.quietUntil - clock.monotonic();
  if (waitMs > 0) return { ok: false, text: `${service} asks to wait ${formatDuration(waitMs)}` };
  try {
    const root = new URL("/", options.url);
    const init = { method: "HEAD", redirect: "manual", ...(signal === undefined ? {} : { signal }) } as const;
    const { status } = await http.fetch(root, init);
    const { host } = root;
    return status < 500
      ? { ok: true, text: `notifications through ${service} at ${host}` }
      : { ok: false, text: `${service} at ${host} answers ${status}` };
  } catch (error) {
    signal?.throwIfAborted();
    const failure = failureOf(error, { service, redact });
    if (!(failure instanceof AoError)) throw failure;
    return { ok: false, text: failure.message, ...hintOf(failure) };
  }
}

const hintOf = ({ hint }: AoError): { hint?: string } => (hint === undefined ? {} : { hint });
