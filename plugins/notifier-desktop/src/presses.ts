import { userName } from "@agent-orchestrator/core/host/user";
import type { PluginContext } from "@agent-orchestrator/core/slots/common";
import type { ActionOutcome, ActionRight, ChannelAction } from "@agent-orchestrator/core/slots/notifier";
import { line } from "@agent-orchestrator/plugin-kit/notice";
import { openUrl } from "./open-url.ts";
import type { Pressed, Screen } from "./screen.ts";
import { confirmation, reply } from "./wording.ts";

type Act = (action: ChannelAction) => Promise<ActionOutcome>;

/** Whoever sits at this desktop is the user. */
const RIGHTS: readonly ActionRight[] = ["answer", "approve", "merge", "restore", "send", "open"];

/** While nobody listens yet. */
const MAX_WAITING = 20;
const MAX_REMEMBERED = 1_000;

export interface Presses {
  press(pressed: Pressed): void;
  listen(act: Act, signal: AbortSignal): Promise<void>;
}

/** What follows a click. */
export function presses(context: Pick<PluginContext, "env" | "clock" | "log">, screen: () => Screen): Presses {
  const spent = new Set<string>();
  let waiting: Pressed[] = [];
  let act: Act | null = null;

  const handle = async (pressed: Pressed, to: Act): Promise<void> => {
    const { notice, press, clickId, activationToken } = pressed;
    if (press.kind === "url") {
      const problem = await openUrl(press.url, { env: context.env(), clock: context.clock, activationToken });
      if (problem !== null) await screen().show(reply(`The page was not opened: ${problem}`, notice));
      return;
    }
    // Of all buttons that were shown together, one is pressed, once.
    if (spent.has(clickId)) return;
    spent.add(clickId);
    for (const old of [...spent].slice(0, -MAX_REMEMBERED)) spent.delete(old);
    if (press.kind === "merge") return screen().show(confirmation(notice, press));
    if (press.kind === "cancel") return clear(pressed);
    const outcome = await to({
      ...{ id: `desktop:${clickId}`, endpoint: press.endpoint, sessionId: null, text: null },
      ...{ by: byWhom(context.env()), may: RIGHTS },
    });
    if (outcome.isDone) await clear(pressed);
    else await screen().show(reply(outcome.text, notice));
  };
  const clear = async ({ notice }: Pressed) => {
    if (notice.place !== null) await screen().clear(notice.place);
  };
  const run = async (pressed: Pressed, to: Act): Promise<void> => {
    try {
      await handle(pressed, to);
    } catch (error) {
      const said = line(error instanceof Error ? error.message : String(error), 200);
      context.log.warn("a button of a desktop notification failed", { reason: said });
      await screen()
        .show(reply(`This failed: ${said}`, pressed.notice))
        .catch(() => undefined); // The desktop may be what failed, and the log has it.
    }
  };
  return {
    press(pressed) {
      if (act !== null) void run(pressed, act);
      else waiting = [...waiting, pressed].slice(-MAX_WAITING);
    },
    async listen(given, signal) {
      if (signal.aborted) return;
      act = given;
      for (const pressed of waiting.splice(0)) void run(pressed, given);
      await new Promise<void>((done) => signal.addEventListener("abort", () => done(), { once: true }));
      if (act === given) act = null;
    },
  };
}

function byWhom(env: Readonly<Record<string, string>>): string {
  try {
    return `desktop (${line(userName(env), 100)})`;
  } catch {
    return "desktop"; // A user without a name.
  }
}
