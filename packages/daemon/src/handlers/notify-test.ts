import { withoutOutage } from "@agent-orchestrator/core/decide/notices/channel";
import { failpoint } from "@agent-orchestrator/core/host/failpoint";
import { AoError, isAoError, toAoError } from "@agent-orchestrator/core/model/errors";
import type { PluginChoice } from "@agent-orchestrator/core/model/project";
import { toIso } from "@agent-orchestrator/core/model/time";
import { z } from "zod";
import type { App, Call } from "../app.ts";
import type { InstanceConfig } from "../config/instance.ts";
import { defineRequest } from "../define-request.ts";
import { channelId } from "../notices/channel-table.ts";
import { askPlugin } from "../registry/ask-plugin.ts";

/** Sends one line through each channel (or the named one) and returns the outcomes. */
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

interface Outcome {
  channel: string;
  ok: boolean;
  text: string;
}

const unknownOutcome = (channel = "all"): Outcome => ({
  channel,
  ok: false,
  text: "the daemon ended while it was sending, so whether it arrived is not known",
});

async function testOne({ app, call }: { app: App; call: Call }, instance: InstanceConfig, name: string) {
  // A plugin that no routing and no `notifiers:` names is tested without options.
  const configured = Object.hasOwn(instance.notifiers, name) ? instance.notifiers[name] : undefined;
  const choice: PluginChoice = configured ?? { plugin: name, options: {} };
  try {
    const notifier = await app.plugins.notifier(instance, choice);
    const event = {
      seq: 0,
      id: app.world.newId(),
      ts: toIso(app.world.clock.now()),
      type: "notify.test" as const,
      priority: "action" as const,
      projectId: null,
      sessionId: null,
      message: "ao: this is a test. Notifications reach you.",
      data: {},
    };
    await askPlugin(
      { app, call },
      `the notifier ${name}`,
      (signal) => notifier.notifyWithActions?.(event, [], { signal }) ?? notifier.notify(event, { signal }),
    );
    const id = channelId(name, choice);
    await app.engine.change((state) => ({ state: withoutOutage(state, id) }));
    return { channel: name, ok: true, text: "sent" };
  } catch (error) {
    if (configured === undefined && isAoError(error) && error.code === "NOT_FOUND")
      throw unknownChannel(instance, name);
    const { message, hint } = toAoError(error);
    const text = hint === undefined ? message : `${message}. ${hint}`;
    return { channel: name, ok: false, text: app.configs.redact(text) };
  }
}

const unknownChannel = (instance: InstanceConfig, name: string): AoError =>
  new AoError("NOT_FOUND", `no notifier ${name}`, {
    hint: `There are: ${Object.keys(instance.notifiers).join(", ")}.`,
  });
