import { openSpool, type Spooled } from "@agent-orchestrator/core/store/spool";
import { z } from "zod";
import type { App } from "../app.ts";

const SpooledReport = z.looseObject({
  kind: z.literal("report"),
  session: z.string(),
  /** `AO_SESSION_PROOF` of that session, or the user's token. */
  proof: z.string().optional(),
  state: z.enum(["working", "waiting", "needs_input", "blocked", "done"]),
  note: z.string().max(4096).nullable().optional(),
});

/** Reads facts that hooks and scripts left while the daemon was down, and those that still arrive that way. */
export function startSpool(app: App): { stop(): void } {
  const stopping = new AbortController();
  openSpool({
    layout: app.store.layout,
    clock: app.world.clock,
    signal: stopping.signal,
    report: (problem) => app.world.log.warn(problem.message),
    onSpooled: (spooled) => take(app, spooled),
  });
  return { stop: () => stopping.abort() };
}

function take(app: App, spooled: Spooled): void {
  const parsed = SpooledReport.safeParse(spooled.fields);
  const record = parsed.success ? app.engine.state.sessions[parsed.data.session] : undefined;
  if (!parsed.success || record === undefined) {
    spooled.refuse("it is not a fact of a known session");
    return;
  }
  const { state, note, proof } = parsed.data;
  if (!app.proofs.isOfSession(record.id, proof) && !app.proofs.isUsers(proof)) {
    spooled.refuse(`it does not carry the proof of ${record.id}`);
    return;
  }
  app.engine.tell(record.id, [{ kind: "reported", state, note: note ?? null }]);
  void app.engine.settled().then(() => spooled.done());
}
