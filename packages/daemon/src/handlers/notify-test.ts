import { AoError, toAoError } from "@agent-orchestrator/core/model/errors";
import { toIso } from "@agent-orchestrator/core/model/time";
import { z } from "zod";
import type { Handler } from "../app.ts";

export const params = z.object({ channel: z.string().optional() });

/** Sends one line through each channel (or the named one) and returns the outcomes. */
export const run: Handler<"notify-test"> = async (app, { channel }, call) => {
  const instance = await app.configs.forCaller(call.caller);
  app.configs.requireTrusted(instance.id);
  const names = channel === undefined ? Object.keys(instance.notifiers) : [channel];
  const results = [];
  for (const name of names) {
    const choice = instance.notifiers[name];
    if (choice === undefined)
      throw new AoError("NOT_FOUND", `no notifier ${name}`, {
        hint: `There are: ${Object.keys(instance.notifiers).join(", ")}`,
      });
    try {
      const notifier = await app.plugins.notifier(instance, choice);
      await notifier.notify({
        seq: 0,
        id: app.world.newId(),
        ts: toIso(app.world.clock.now()),
        type: "notify.test",
        priority: "action",
        projectId: null,
        sessionId: null,
        message: "ao: this is a test. Notifications reach you.",
        data: {},
      });
      results.push({ channel: name, ok: true, text: "handed over" });
    } catch (error) {
      results.push({ channel: name, ok: false, text: toAoError(error).message });
    }
  }
  app.world.ring("ao: this is a test.");
  return { data: results };
};
