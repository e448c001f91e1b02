import { aRecord, iso } from "@agent-orchestrator/testkit/records";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { SessionRecord } from "../model/session.ts";
import type { Priority } from "../model/status.ts";
import { inStatusOrder } from "./status-order.ts";

const SEC = 1000;

function needing(id: string, level: Priority, [ms, projectId = "my-app"]: [number, string?]): SessionRecord {
  const attention = { level, reason: "r", hint: "h", since: iso(ms) };
  return aRecord({ id, projectId, phase: "running", status: "review_pending", attention });
}
const working = (id: string, ms: number): SessionRecord =>
  aRecord({ id, phase: "running", status: "working", statusSince: iso(ms) });

const order = (...records: SessionRecord[]) => inStatusOrder(records).map(({ id }) => id);

test("the most urgent comes first, then the longest wait, whenever the sessions were created", () => {
  const records = [
    working("app-1", 0),
    needing("app-2", "action", [5 * SEC]),
    needing("app-3", "action", [1 * SEC]),
    needing("app-4", "urgent", [9 * SEC]),
    needing("app-5", "urgent", [8 * SEC]),
  ];
  expect(order(...records)).toEqual(["app-5", "app-4", "app-3", "app-2", "app-1"]);
});

test("sessions of one project that are as urgent stay together, the longest wait first", () => {
  const records = [
    needing("a-1", "action", [3 * SEC, "alpha"]),
    needing("b-1", "action", [2 * SEC, "beta"]),
    needing("a-2", "action", [4 * SEC, "alpha"]),
    needing("b-2", "action", [9 * SEC, "beta"]),
    needing("a-3", "urgent", [9 * SEC, "alpha"]),
  ];
  expect(order(...records)).toEqual(["a-3", "b-1", "b-2", "a-1", "a-2"]);
});

test("the order does not depend on the order that they come in, and nothing more urgent comes later", () => {
  const one = fc.record({
    level: fc.constantFrom("urgent", "action", "info" as const),
    ms: fc.integer({ min: 0, max: 5 }),
    project: fc.constantFrom("alpha", "beta"),
  });
  fc.assert(
    fc.property(fc.array(one, { maxLength: 12 }), (some) => {
      const records = some.map(({ level, ms, project }, index) => needing(`app-${index + 1}`, level, [ms, project]));
      const sorted = inStatusOrder(records);
      expect(inStatusOrder([...records].reverse())).toEqual(sorted);
      const levels = sorted.map(({ attention }) => ["urgent", "action", "info"].indexOf(attention?.level ?? ""));
      expect(levels).toEqual([...levels].sort((a, b) => a - b));
      const urgent = sorted.filter(({ attention }) => attention?.level === "urgent");
      const oldest = Math.min(...urgent.map(({ attention }) => Date.parse(attention?.since ?? "")));
      if (urgent.length > 0) expect(Date.parse(urgent[0]?.attention?.since ?? "")).toBe(oldest);
    }),
  );
});
