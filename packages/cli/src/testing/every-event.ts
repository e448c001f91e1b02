import { OrchestratorEvent } from "@agent-orchestrator/core/model/event";
import { HOSTILE, variantsOf } from "@agent-orchestrator/testkit/variants";
import { NOW } from "./views.ts";

/** Records of `ao` itself, as `--all` returns them, and lines that are barely records. */
const INTERNAL = [
  { type: "ao.epoch" },
  { type: "ao.session.new", sessionId: "app-1", projectId: "my-app", record: { id: "app-1", branch: null } },
  { type: "ao.session", sessionId: "app-1", set: { status: "working" }, unset: ["note"] },
  { type: "ao.session.gone", sessionId: "app-1" },
  { type: "ao.intent", sessionId: "app-1", key: "start:app-1", intent: { kind: "start" } },
  { type: "ao.done", key: "start:app-1" },
  { type: "ao.problem", problem: { text: HOSTILE } },
  { type: "ao.degraded", isDegraded: true },
  { type: "of a later version", message: 7, sessionId: 9, projectId: null, priority: "extreme", data: null },
].map((record, at) => ({ seq: at, id: `r${at}`, ts: NOW, epoch: 1, ...record }));
/** What `ao events` may have to print. */
export const EVENTS = [...variantsOf(OrchestratorEvent), ...INTERNAL];
