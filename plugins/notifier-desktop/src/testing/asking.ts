import { formatCallback } from "@agent-orchestrator/core/model/callback";
import type { ActionOutcome, Notifier, NotifyAction } from "@agent-orchestrator/core/slots/notifier";
import { sampleEvent } from "@agent-orchestrator/testkit/contracts/notifier";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { expect } from "vitest";
import { notifierWith, privateBus } from "./desktop.ts";
import { notificationServer, type ServerOptions } from "./server.ts";

export const answer = (choice: number, session = "app-1") =>
  formatCallback({ kind: "answer", session, dialog: "d1", choice });
export const OPEN = formatCallback({ kind: "open", session: "app-1" });
export const MERGE = formatCallback({ kind: "merge", session: "app-3", head: "abc" });
export const QUESTION: NotifyAction[] = [
  { label: "Yes", callbackEndpoint: answer(1) },
  { label: "No, use a copy", callbackEndpoint: answer(2) },
  { label: "Open", callbackEndpoint: OPEN },
];
export const READY: NotifyAction[] = [
  { label: "Merge", callbackEndpoint: MERGE },
  { label: "Pull request #7", url: "https://github.com/acme/app/pull/7" },
];
export const ready = () => sampleEvent({ id: "ready", sessionId: "app-3", type: "merge.ready", priority: "action" });
export const done: ActionOutcome = { isDone: true, text: "app-1: answered" };

/** A notifier whose desktop is a notification server on a bus of its own. `start` is the next daemon. */
export async function desktop(options: ServerOptions = {}, env: Record<string, string> = {}) {
  const address = await privateBus();
  const server = await notificationServer(address, options);
  const stateDir = tempDir("ao-state");
  const whole = { DBUS_SESSION_BUS_ADDRESS: address, ...env };
  const start = (more = {}): Notifier => notifierWith(whole, { stateDir }, more);
  const notifier = start();
  const ask = (actions = QUESTION, event = sampleEvent()) => notifier.notifyWithActions?.(event, actions);
  const last = () => server.shown.at(-1) ?? expect.fail("nothing is shown");
  return { address, server, notifier, start, ask, last };
}
