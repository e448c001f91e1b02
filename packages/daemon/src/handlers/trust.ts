import type { TrustResult } from "@agent-orchestrator/core/protocol/results";
import { z } from "zod";
import { trustDiff } from "../config/known-configs.ts";
import { defineRequest } from "../define-request.ts";
import { lookAgain } from "../sessions/look-again.ts";
import { requireConfigured } from "../sessions/spawn-place.ts";

/** Shows what would run, load, link or connect. With `pin` (what the caller has just read) it is trusted from now on. */
export const request = defineRequest({
  access: "user",
  effect: "change",
  params: z.object({ pin: z.string().optional(), isDryRun: z.boolean().optional() }),
}).returns<TrustResult>(async (app, wanted, call) => {
  const instance = await app.configs.forCaller(call.caller);
  requireConfigured(app, instance, call.caller.cwd);
  const before = app.engine.state.instances[instance.id];
  const diff = trustDiff(instance, before?.trustedText ?? null);
  const shown = { configPath: instance.path, text: instance.trust.text, diff, pin: instance.trust.pin };
  if (wanted.isDryRun === true) return { data: { ...shown, isTrusted: instance.trust.isTrusted } };
  const pin = String(call.wish.known?.marks?.pin ?? wanted.pin ?? instance.trust.pin);
  if (call.wish.known !== null && before?.trustedPin === pin) {
    return { data: { ...shown, text: before.trustedText ?? "", diff: "", pin, isTrusted: true } };
  }
  await call.wish.keep({ marks: { pin } });
  await app.configs.trust(instance, pin);
  // Checkouts and pull requests that could not be asked about while it was untrusted.
  lookAgain(app, "trust");
  return { data: { ...shown, isTrusted: true } };
});
