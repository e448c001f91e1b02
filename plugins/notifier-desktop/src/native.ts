import { newId } from "@agent-orchestrator/core/host/ids";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { PluginContext } from "@agent-orchestrator/core/slots/common";
import { untilAborted } from "@agent-orchestrator/plugin-kit/until-aborted";
import { besideOf, besideOpen, type Notice, type OnPress, type Screen } from "./screen.ts";
import { bodyOf } from "./wording.ts";

/** A helper that can't show anything ends sooner. One that waits for a click goes on. */
const SETTLE_MS = 1_000;
/** How long buttons work. There is one helper process for each notification that has some. */
const BUTTONS_S = 3_600;

/** The part of node-notifier that is used, with the options that it passes on to terminal-notifier unseen. */
export interface Native {
  notify(options: NativeOptions, done: (error: Error | null, response: string, click?: Click) => void): unknown;
}
export interface NativeOptions {
  title?: string;
  message?: string;
  sound?: boolean;
  wait?: boolean;
  timeout?: number | false;
  actions?: string[];
  dropdownLabel?: string;
  closeLabel?: string;
  group?: string;
  remove?: string;
}
interface Click {
  activationType?: string | undefined;
  activationValue?: string | undefined;
  activationValueIndex?: string | undefined;
}

const load = async (): Promise<Native> => (await import("node-notifier")).default as unknown as Native;

export interface NativeWorld {
  load(): Promise<Native>;
  isMac: boolean;
}

/** macOS and Windows, through node-notifier, which starts its own helper programs there, without a shell. Only macOS has buttons. */
export class NativeScreen implements Screen {
  readonly #clock: PluginContext["clock"];
  readonly #onPress: OnPress;
  readonly #world: NativeWorld;
  readonly #shown = new Map<string, { notice: Notice; clickId: string }>();

  constructor({ clock }: Pick<PluginContext, "clock">, onPress: OnPress, world?: NativeWorld) {
    this.#clock = clock;
    this.#onPress = onPress;
    this.#world = world ?? { load, isMac: process.platform === "darwin" };
  }

  async tell(wanted: Notice, signal?: AbortSignal): Promise<void> {
    const notice = besideOpen(wanted, this.#shown.get(wanted.place ?? "")?.notice ?? null);
    await this.show(notice, signal);
    const beside = besideOf(notice.place);
    if (beside !== null) await this.clear(beside, signal);
  }

  async show(notice: Notice, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const native = await this.#world.load();
    const clickId = newId();
    const sending = new Promise<void>((done, failed) => {
      native.notify(asNative(notice, this.#world), (error, _response, click) => {
        if (error !== null && error !== undefined) {
          failed(
            new AoError("UNAVAILABLE", `the desktop did not take the notification: ${error.message}`, { hint: HINT }),
          );
          return;
        }
        this.#hear({ notice, clickId }, click);
        done();
      });
      this.#clock.sleep(SETTLE_MS).then(done, failed);
    });
    if (notice.place !== null) this.#shown.set(notice.place, { notice, clickId });
    await untilAborted(signal, () => sending);
  }

  async clear(place: string, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (!this.#shown.delete(place) || !this.#world.isMac) return;
    const native = await this.#world.load();
    native.notify({ remove: groupOf(place), timeout: false }, () => undefined); // It may be gone already.
  }

  async withdraw(ids: ReadonlySet<string>, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    for (const [place, { notice }] of [...this.#shown]) {
      const left = notice.ids.filter((id) => !ids.has(id));
      const isOver = left.length === 0 && notice.ids.length > 0;
      notice.ids = left;
      if (isOver) await this.clear(place, signal);
    }
  }

  /** Each helper process reports its own click. */
  async watch(): Promise<void> {
    return;
  }

  leave(): void {
    return;
  }

  async check(signal?: AbortSignal): ReturnType<Screen["check"]> {
    signal?.throwIfAborted();
    return { ok: true, text: "desktop notifications through node-notifier" };
  }

  #hear({ notice, clickId }: { notice: Notice; clickId: string }, click: Click = {}): void {
    const press = pressOf(notice, click);
    if (press !== undefined) this.#onPress({ notice, press, clickId, activationToken: null });
  }
}

const HINT = "Allow notifications of the program in your system's settings, or configure another notifier.";

const groupOf = (place: string): string => `ao ${place}`.replace(/[^\w .-]/g, "_");

const named = ({ buttons }: Notice) => buttons.filter(({ key }) => key !== "default");

/** terminal-notifier says what was clicked, and of the actions which one. */
function pressOf(notice: Notice, { activationType, activationValue, activationValueIndex }: Click) {
  if (activationType === "contentsClicked") return notice.buttons.find(({ key }) => key === "default")?.press;
  if (activationType !== "actionClicked") return undefined;
  const buttons = named(notice);
  const index = buttons.findIndex(({ label }) => withoutCommas(label) === activationValue);
  return buttons[/^\d+$/.test(activationValueIndex ?? "") ? Number(activationValueIndex) : index]?.press;
}

/** Its helpers read a leading dash as an option and a leading bracket as a list. */
const asText = (text: string): string => (/^[-[({]/.test(text) ? ` ${text}` : text);

/** A comma would end the label. This is a quotation mark that looks like one. */
const withoutCommas = (label: string): string => asText(label.replaceAll(",", "\u201a"));

export function asNative(notice: Notice, { isMac }: Pick<NativeWorld, "isMac">): NativeOptions {
  const { title, urgency, place } = notice;
  const buttons = isMac ? named(notice) : [];
  const body = bodyOf(notice, { hasButtons: buttons.length > 0 });
  return {
    title: asText(title),
    message: asText(body === "" ? title : body),
    sound: urgency === "critical",
    wait: false,
    // Otherwise it would stay for ten seconds, and so would we.
    ...(isMac ? { timeout: buttons.length > 0 ? BUTTONS_S : false } : {}),
    ...(isMac && place !== null ? { group: groupOf(place) } : {}),
    ...(buttons.length > 0 ? { actions: buttons.map(({ label }) => withoutCommas(label)), closeLabel: "Later" } : {}),
    ...(buttons.length > 1 ? { dropdownLabel: "Choose" } : {}),
  };
}
