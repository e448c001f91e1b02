import type { DecideContext } from "../model/policy.ts";
import type { SessionRecord } from "../model/session.ts";
import type { Explanation } from "../protocol/requests.ts";
export const explain = (r: SessionRecord, _ctx: DecideContext): Omit<Explanation, "session" | "pending"> => ({
  facts: [],
  rule: { status: r.status, text: r.statusRule, since: r.statusSince },
  reactions: [],
});
