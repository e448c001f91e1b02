import { AoError } from "@agent-orchestrator/core/model/errors";
import type { PluginContext } from "@agent-orchestrator/core/slots/common";
import type { Notifier } from "@agent-orchestrator/core/slots/notifier";
import { checkedOptions } from "@agent-orchestrator/plugin-kit/option-problems";
import { z } from "zod";
import { LinuxScreen } from "./linux.ts";
import { NativeScreen } from "./native.ts";
import { presses } from "./presses.ts";
import type { Pressed, Screen } from "./screen.ts";
import { wording, wordingOfText } from "./wording.ts";

const Options = z.strictObject({
  /** Whether the notifications have buttons. */
  buttons: z.boolean().default(true),
});

type MakeScreen = (context: PluginContext, onPress: (pressed: Pressed) => void) => Screen;

const usual: MakeScreen = (context, onPress) =>
  process.platform === "darwin" || process.platform === "win32"
    ? new NativeScreen(context, onPress)
    : new LinuxScreen(context, onPress);

export function desktopNotifier(
  config: Record<string, unknown>,
  context: PluginContext | undefined,
  makeScreen: MakeScreen = usual,
): Notifier {
  const { buttons } = parseOptions(config);
  if (context === undefined) throw new AoError("CONFIG", "notifier `desktop` runs only inside ao");
  const clicks = presses(context, () => screen);
  const screen: Screen = makeScreen(context, clicks.press);
  return {
    name: "desktop",
    notify: (event, options) => screen.tell(wording(event), options?.signal),
    notifyWithActions(event, actions, options) {
      const notice = wording(event, actions);
      return screen.tell(buttons ? notice : { ...notice, buttons: [] }, options?.signal);
    },
    async post(message, about, options) {
      await screen.tell(wordingOfText(message, about), options?.signal);
      return null;
    },
    preview(event) {
      const { title, body } = wording(event);
      return `${title}\n${body}`;
    },
    check: (options) => screen.check(options?.signal),
    withdraw: (notices, options) => screen.withdraw(new Set(notices.map(({ id }) => id)), options?.signal),
    async listen(act, { signal }) {
      signal.throwIfAborted();
      // A desktop may come later: then the first notification connects to it.
      await screen.watch().catch((error: unknown) => {
        context.log.debug("no clicks on the desktop yet", { reason: String(error) });
      });
      await clicks.listen(act, signal);
      screen.leave();
    },
  };
}

function parseOptions(config: Record<string, unknown>): z.infer<typeof Options> {
  return checkedOptions(Options, config, { of: "notifier `desktop`", page: "docs/slots/notifier.md" });
}
