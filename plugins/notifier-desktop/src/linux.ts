import { withDeadline } from "@agent-orchestrator/core/host/deadline";
import { AoError, isAoError } from "@agent-orchestrator/core/model/errors";
import type { PluginContext } from "@agent-orchestrator/core/slots/common";
import { line, shortened } from "@agent-orchestrator/plugin-kit/notice";
import { busAddress, socketsOf } from "./dbus/addresses.ts";
import { type Bus, BusError, connectBus, type Signal } from "./dbus/bus.ts";
import { closeNotification, happened, notify, type Server, serverOn, subscribe, type Wire } from "./dbus/server.ts";
import { checkProgram, sendByProgram } from "./notify-send.ts";
import { Places, type Shown } from "./places.ts";
import { besideOf, besideOpen, type Notice, type OnPress, type Screen } from "./screen.ts";
import { bodyOf, escapeMarkup } from "./wording.ts";

const DEADLINE_MS = 5_000;
const MAX_WITHOUT_BODY = 300;
const URGENCY = { low: 0, normal: 1, critical: 2 } as const;

/** Throws UNAVAILABLE if there is no desktop. */
function addressIn(env: Record<string, string>): string {
  const problem = obstacle(env);
  if (problem !== null) throw new AoError("UNAVAILABLE", problem.text, { hint: problem.hint });
  return busAddress(env) ?? "";
}

/** Speaks to the notification server over the user's session bus, as long as the daemon runs: clicks come on the same connection. */
export class LinuxScreen implements Screen {
  readonly #context: Pick<PluginContext, "env" | "clock">;
  readonly #onPress: OnPress;
  readonly #places: Places;
  readonly #tokens = new WeakMap<Shown, string>();
  #bus: Bus | null = null;
  #busAddress = "";
  #connecting: Promise<Bus> | null = null;

  constructor(context: Pick<PluginContext, "env" | "clock" | "stateDir">, onPress: OnPress) {
    this.#context = context;
    this.#onPress = onPress;
    this.#places = new Places(context.stateDir);
  }

  tell(notice: Notice, signal?: AbortSignal): Promise<void> {
    return this.#put(notice, (open) => besideOpen(notice, open), signal);
  }

  show(notice: Notice, signal?: AbortSignal): Promise<void> {
    return this.#put(notice, () => notice, signal);
  }

  async #put(wanted: Notice, placed: (open: Notice | null) => Notice, signal?: AbortSignal): Promise<void> {
    await this.#failing(signal, async () => {
      const address = addressIn(this.#context.env());
      if (socketsOf(address).length === 0) return sendByProgram(this.#context.env(), wanted, signal);
      await this.#inTime(signal, async (given) => {
        const bus = await this.#reach(address);
        const server = await serverOn(bus);
        given.throwIfAborted();
        const open = this.#places.shownBy(server.owner, wanted.place);
        const notice = placed(open === null || open.isPressed ? null : open.notice);
        const old = this.#places.shownBy(server.owner, notice.place);
        // Many servers close one whose button was pressed, by its id, and would close what replaces it instead.
        const replaces = old === null || old.isPressed ? 0 : old.id;
        this.#places.add({ ...(await notify(bus, wireOf(notice, server, replaces))), notice });
        if (old?.isPressed) await closeNotification(bus, old.id).catch(ignoreRefusal);
        const beside = this.#places.shownBy(server.owner, besideOf(notice.place));
        if (beside !== null) await this.#close(bus, beside);
        await this.#places.saved();
      });
    });
  }

  async #close(bus: Bus, shown: Shown): Promise<void> {
    this.#places.remove(shown);
    await closeNotification(bus, shown.id).catch(ignoreRefusal);
  }

  clear(place: string, signal?: AbortSignal): Promise<void> {
    return this.#closeAll(() => [this.#places.at(place)].filter((one) => one !== null), signal);
  }

  withdraw(ids: ReadonlySet<string>, signal?: AbortSignal): Promise<void> {
    return this.#closeAll(() => this.#places.without(ids), signal);
  }

  async watch(): Promise<void> {
    const address = obstacle(this.#context.env()) === null ? addressIn(this.#context.env()) : "";
    if (socketsOf(address).length > 0) await this.#inTime(undefined, () => this.#reach(address));
  }

  leave(): void {
    this.#bus?.close();
  }

  async check(signal?: AbortSignal): ReturnType<Screen["check"]> {
    signal?.throwIfAborted();
    const env = this.#context.env();
    const problem = obstacle(env);
    if (problem !== null) return { ok: false, ...problem };
    const address = addressIn(this.#context.env());
    if (socketsOf(address).length === 0) return checkProgram(env);
    try {
      const server = await this.#inTime(signal, async () => serverOn(await this.#reach(address)));
      return { ok: true, text: shownThrough(server) };
    } catch {
      signal?.throwIfAborted();
      return { ok: false, text: "no program shows desktop notifications on this session's bus", hint: NO_SERVER_HINT };
    }
  }

  async #reach(address: string): Promise<Bus> {
    if (this.#bus?.isOpen() && address === this.#busAddress) return this.#bus;
    this.#bus?.close();
    this.#busAddress = address;
    this.#connecting ??= this.#connect(socketsOf(address)).finally(() => {
      this.#connecting = null;
    });
    return this.#connecting;
  }

  async #connect(sockets: readonly string[]): Promise<Bus> {
    let failure: unknown = null;
    for (const path of sockets) {
      let bus: Bus | null = null;
      try {
        bus = await connectBus(path);
        await this.#places.useBus(bus.guid);
        bus.hear((signal) => this.#hear(signal));
        await subscribe(bus);
        this.#bus = bus;
        return bus;
      } catch (error) {
        bus?.close();
        failure = error;
      }
    }
    throw failure;
  }

  /** Only the server that shows a notification can say that somebody pressed a button of it. Any program can send the signal. */
  #hear(signal: Signal): void {
    const what = happened(signal);
    const shown = what === null ? undefined : this.#places.find(what.id, what.sender);
    if (what === null || shown === undefined) return;
    if (what.kind === "token") this.#tokens.set(shown, line(what.token, 200));
    if (what.kind === "closed") this.#places.remove(shown);
    if (what.kind !== "pressed") return;
    const { notice, clickId } = shown;
    const press = notice.buttons.find(({ key }) => key === what.key)?.press;
    if (press === undefined) return;
    shown.isPressed = true;
    this.#onPress({ notice, press, clickId, activationToken: this.#tokens.get(shown) ?? null });
  }

  async #closeAll(which: () => Shown[], signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const address = obstacle(this.#context.env()) === null ? addressIn(this.#context.env()) : "";
    if (socketsOf(address).length === 0) return;
    await this.#failing(signal, () =>
      this.#inTime(signal, async () => {
        const bus = await this.#reach(address);
        for (const shown of which()) await this.#close(bus, shown);
        await this.#places.saved();
      }),
    );
  }

  #inTime<T>(signal: AbortSignal | undefined, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const late = () => new AoError("UNREACHABLE", "the desktop did not answer", { hint: NO_SERVER_HINT });
    const { clock } = this.#context;
    return withDeadline(work, { clock, ms: DEADLINE_MS, signal: signal ?? new AbortController().signal, late });
  }

  async #failing(signal: AbortSignal | undefined, work: () => Promise<void>): Promise<void> {
    signal?.throwIfAborted();
    try {
      await work();
    } catch (error) {
      signal?.throwIfAborted();
      throw isAoError(error) && error.hint !== undefined ? error : unreachable(error);
    }
  }
}

/** Somebody may have closed it in the meantime. */
function ignoreRefusal(error: unknown): void {
  if (!(error instanceof BusError) || error.errorName === null) throw error;
}

/** The notice as this server can show it. */
function wireOf(notice: Notice, { can }: Server, replaces: number): Wire {
  const hasButtons = can.has("actions") && notice.buttons.length > 0;
  const text = bodyOf(notice, { hasButtons });
  const hasBody = can.has("body");
  return {
    replaces,
    title: hasBody ? notice.title : shortened(`${notice.title}: ${text.replace("\n", " ")}`, MAX_WITHOUT_BODY),
    body: !hasBody ? "" : can.has("body-markup") ? escapeMarkup(text) : text,
    actions: hasButtons ? notice.buttons.flatMap(({ key, label }) => [key, label]) : [],
    urgency: URGENCY[notice.urgency],
    category: notice.isAsking ? "x-ao.needs-you" : "x-ao.news",
  };
}

const NO_SERVER_HINT = "Start your desktop's notification service, or configure another notifier.";

interface Obstacle {
  text: string;
  hint: string;
}

/** Why no notification would be seen, judging by the environment. */
function obstacle(env: Record<string, string>): Obstacle | null {
  const hasBus = busAddress(env) !== null;
  const hasDisplay = (env.DISPLAY ?? "") !== "" || (env.WAYLAND_DISPLAY ?? "") !== "";
  const isRemote = env.SSH_CONNECTION !== undefined || env.SSH_TTY !== undefined;
  // A bus without a display may still belong to a desktop (if the daemon was started at login), but not in an SSH login.
  if (hasBus && (hasDisplay || !isRemote)) return null;
  return {
    text: `no desktop available: ${hasBus ? "this is a remote login" : "there is no session bus"}`,
    hint: "Notifications ring the bell in open `ao status --watch` and attached terminals. Or configure another notifier.",
  };
}

function unreachable(cause: unknown): AoError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new AoError("UNAVAILABLE", `the desktop did not take the notification: ${line(reason, 300)}`, {
    hint: NO_SERVER_HINT,
    cause,
  });
}

function shownThrough({ name, can }: Server): string {
  const how = can.has("actions") ? "with buttons" : "without buttons";
  return `desktop notifications through ${line(name, 60) || "an unnamed server"}, ${how}`;
}
