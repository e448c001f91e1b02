import type { DecideContext } from "../model/policy.ts";
import type { SessionRecord } from "../model/session.ts";
export const cleanupDueAt = (_r: SessionRecord, _ctx: DecideContext): number | null => null;
