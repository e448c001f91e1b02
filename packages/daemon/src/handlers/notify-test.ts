import { failpoint } from "@agent-orchestrator/core/host/failpoint";
import { AoError, isAoError, toAoError } from "@agent-orchestrator/core/model/errors";
import type { OrchestratorEvent } from "@agent-orchestrator/core/model/event";
import type { PluginChoice } from "@agent-orchestrator/core/model/project";
import { toIso } from "@agent-orchestrator/core/model/time";
import type { Notifier } from "@agent-orchestrator/core/slots/notifier";
import { documentOf } from "@agent-orchestrator/plugin-kit/notice";
import { z } from "zod";
import type { App, Call } from "../app.ts";
import type { InstanceConfig } from "../config/instance.ts";
import { defineRequest } from "../define-request.ts";
import { channelId } from "../notices/channel-table.ts";
import { askPlugin } from "../registry/ask-plugin.ts";

/** Sends a test through each channel (or the named one), and returns what became of it and what arrives. */
export const request = defineRequest({
  access: "user",
  effect: "change",
  params: z.object({ channel: z.string().optional() }),
}).returns<Outcome[]>(async (app, { channel }, call) => {
  const instance = await app.configs.forCaller(call.caller);
  app.configs.requireTrusted(instance.id);
  const { known } = call.wish;
  if (known !== null) return { data: (known.result?.results as Outcome[] | undefined) ?? [unknownOutcome(channel)] };
  await call.wish.keep({});
  const names = channel === undefined ? Object.keys(instance.notifiers) : [channel];
  const results: Outcome[] = [];
  for (const name of names) results.push(await testOne({ app, call }, instance, name));
  app.world.ring("ao: this is a test.");
  failpoint("notify-test.sent");
  await call.wish.keep({ result: { results } });
  await app.channels.refresh();
  return { data: results };
});

/** What a notification says, to whoever reads it. */
interface Content {
  priority: string;
  title: string;
  message: string;
  question: { text: string; choices: string[] } | null;
  /** What to do. Null, as for a test, if there is nothing to do. */
  command: string | null;
  links: { label: string; url: string }[];
}

interface Outcome {
  channel: string;
  ok: boolean;
  text: string;
  /** Of a test that was sent. */
  sent?: Content;
  /** What the far end got, in its own form and without secrets. Null if the notifier does not say. */
  body?: string | null;
}

const unknownOutcome = (channel = "all"): Outcome => ({
  channel,
  ok: false,
  text: "the daemon ended while it was sending, so whether it arrived is not known",
});

interface Asked {
  app: App;
  call: Call;
}

async function testOne({ app, call }: Asked, instance: InstanceConfig, name: string): Promise<Outcome> {
  // A plugin that no routing and no `notifiers:` names is tested without options.
  const configured = Object.hasOwn(instance.notifiers, name) ? instance.notifiers[name] : undefined;
  const choice: PluginChoice = configured ?? { plugin: name, options: {} };
  try {
    const notifier = await app.plugins.notifier(instance, choice);
    const event = testEvent(app);
    await askPlugin(
      { app, call },
      `the notifier ${name}`,
      (signal) => notifier.notifyWithActions?.(event, [], { signal }) ?? notifier.notify(event, { signal }),
    );
    await app.engine.command({ kind: "channel-works", channel: channelId(name, choice) });
    return { channel: name, ok: true, text: "sent", ...shown(app, notifier, event) };
  } catch (error) {
    if (configured === undefined && isAoError(error) && error.code === "NOT_FOUND")
      throw unknownChannel(instance, name);
    const { message, hint } = toAoError(error);
    const text = hint === undefined ? message : `${message}. ${hint}`;
    return { channel: name, ok: false, text: app.configs.redact(text) };
  }
}

/** It asks, so that one sees what a question looks like there. There is nothing to press: no session waits for it. */
function testEvent({ world }: App): OrchestratorEvent {
  const choices = ["Yes", "No"];
  const how = { takesText: false, canAlways: false, onlyInTerminal: null };
  return {
    ...{ seq: 0, id: world.newId(), ts: toIso(world.clock.now()), type: "notify.test" as const },
    ...{ priority: "action" as const, projectId: null, sessionId: null },
    message: "ao: this is a test. Notifications reach you.",
    data: {
      question: { dialogId: null, kind: "question", text: "ao: this is a test. Can you read it?", choices, ...how },
    },
  };
}

const MAX_BODY = 8_000;

/** What arrives. */
function shown({ configs }: App, notifier: Notifier, event: OrchestratorEvent): Pick<Outcome, "sent" | "body"> {
  const { priority, title, message, question, command, links } = documentOf(event);
  const asked = question && { text: question.text, choices: question.choices };
  const body = previewOf(notifier, event);
  return {
    sent: { priority, title, message, question: asked, command, links },
    body: body === null ? null : configs.redact(body).slice(0, MAX_BODY),
  };
}

function previewOf(notifier: Notifier, event: OrchestratorEvent): string | null {
  try {
    return notifier.preview?.(event) ?? null;
  } catch {
    return null; // It was sent, whatever its preview does.
  }
}

const unknownChannel = (instance: InstanceConfig, name: string): AoError =>
  new AoError("NOT_FOUND", `no notifier ${name}`, {
    hint: `There are: ${Object.keys(instance.notifiers).join(", ")}.`,
  });
