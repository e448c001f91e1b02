import { endOfFile } from "@agent-orchestrator/agent-kit/text-end";
import { toIso } from "@agent-orchestrator/core/host/clock";
import { oneLine } from "@agent-orchestrator/core/model/text";
import type { Clock, Log, Session } from "@agent-orchestrator/core/slots/common";
import { writeThread } from "../launch/record.ts";
import type { Sent } from "../sent.ts";
import { type Memory, usageOf } from "../server/follow.ts";
import type { Teller } from "../teller.ts";
import { recordedIn } from "./rollout.ts";

const TAIL_BYTES = 1 << 20;

interface CatchUp {
  session: Session;
  memory: Memory;
  sent: Sent;
  teller: Teller;
  clock: Clock;
  log: Log;
}

/** Finds the conversation and what happened in it while nobody watched: receipts and tokens. */
export function catchUp(of: CatchUp): void {
  try {
    learn(of);
  } catch (error) {
    of.log.debug(`the record of ${of.session.id} cannot be read: ${String(error)}`);
  }
}

function learn({ session, memory, sent, teller, clock }: CatchUp): void {
  const { main } = memory;
  if (main === null) return;
  const title = main.name || main.preview || "";
  const summary = title === "" ? null : oneLine(title);
  const path = main.path ?? null;
  const model = memory.models.get(main.id) ?? null;
  writeThread(session.sessionDir, { id: main.id, cwd: main.cwd ?? "", path, model, summary });
  teller.info({ agentSessionId: main.id, ...(summary === null ? {} : { summary }) });
  if (path === null) return;
  const recorded = recordedIn(endOfFile(path, TAIL_BYTES) ?? "");
  for (const messageId of recorded.clientIds) {
    if (sent.accept(messageId)) teller.tell({ kind: "accepted", messageId, at: toIso(clock.now()) });
  }
  if (recorded.total !== null) teller.usage(usageOf(memory, main.id, recorded.total));
}
