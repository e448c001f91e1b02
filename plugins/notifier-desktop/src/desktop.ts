import { oneLine } from "@agent-orchestrator/core/host/text";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { PluginContext } from "@agent-orchestrator/core/slots/common";
import type { Notifier } from "@agent-orchestrator/core/slots/notifier";
import { z } from "zod";
import { linuxSender } from "./linux.ts";
import { nativeSender } from "./native.ts";
import type { Sender } from "./sender.ts";
import { wording } from "./wording.ts";

const Options = z.strictObject({});

export function desktopNotifier(config: Record<string, unknown>, context?: PluginContext): Notifier {
  const parsed = Options.safeParse(config);
  if (!parsed.success) throw new AoError("CONFIG", "the notifier `desktop` has no options");
  // Checked each time, because a desktop may come and go while the daemon runs.
  const sender = (): Sender =>
    process.platform === "darwin" || process.platform === "win32" ? nativeSender() : linuxSender(context?.env() ?? {});
  return {
    name: "desktop",
    notify: (event, options) => sender().send(wording(event), options?.signal),
    async post(message, to, options) {
      const title = oneLine(to?.sessionId ?? to?.projectId ?? "ao", 80);
      await sender().send({ title, body: oneLine(message, 300), urgency: "normal" }, options?.signal);
      return null;
    },
    check: (options) => sender().check(options?.signal),
  };
}
