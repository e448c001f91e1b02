import { AoError } from "@agent-orchestrator/core/model/errors";
import { untilAborted } from "@agent-orchestrator/plugin-kit/until-aborted";
import type { Sender } from "./sender.ts";
import type { Notice } from "./wording.ts";

const DEADLINE_MS = 10_000;

/** macOS and Windows, through node-notifier, which starts its own helper programs there, without a shell. */
export function nativeSender(): Sender {
  return {
    async send(notice, signal) {
      signal?.throwIfAborted();
      const { default: notifier } = await import("node-notifier");
      const sending = new Promise<void>((done, failed) => {
        const timer = setTimeout(() => failed(new AoError("UNREACHABLE", "the desktop did not respond")), DEADLINE_MS);
        notifier.notify(asNative(notice), (error) => {
          clearTimeout(timer);
          if (error === null || error === undefined) done();
          else failed(new AoError("UNAVAILABLE", `the desktop did not take the notification: ${error.message}`));
        });
      });
      await untilAborted(signal, () => sending);
    },
    async check(signal) {
      signal?.throwIfAborted();
      return { ok: true, text: "desktop notifications through node-notifier" };
    },
  };
}

/** Its helpers read a leading dash as an option and a leading bracket as a list. */
const asText = (text: string): string => (/^[-[({]/.test(text) ? ` ${text}` : text);

export function asNative({ title, body, urgency }: Notice) {
  return {
    title: asText(title),
    message: asText(body === "" ? title : body),
    sound: urgency === "critical",
    wait: false,
  };
}
