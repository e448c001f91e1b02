import { aRecord, iso } from "@agent-orchestrator/testkit/records";
import { expect, test } from "vitest";
import { silentForges } from "./status-lines.ts";

test("an outage of a forge is one line for all its sessions, once it is more than a hiccup", () => {
  const silent = (id: string, ms: number, prUnansweredWhy: string) =>
    aRecord({ id, prUnansweredSince: iso(ms), prUnansweredWhy });
  const sessions = {
    "app-1": silent("app-1", 30_000, "GitHub answered 503"),
    "app-2": silent("app-2", 0, "GitHub answered 503"),
    "app-3": aRecord({ id: "app-3" }),
  };
  expect(silentForges(sessions, Date.parse(iso(59_000)))).toEqual([]);
  expect(silentForges(sessions, Date.parse(iso(180_000)))).toMatchObject([
    { text: "nothing new is known of the pull requests of my-app: GitHub answered 503 (for 3 m)" },
  ]);
});
