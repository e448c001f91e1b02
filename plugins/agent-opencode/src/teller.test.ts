import type { AgentFact } from "@agent-orchestrator/core/slots/agent";
import { fakeClock } from "@agent-orchestrator/testkit/fake-clock";
import { pluginSession } from "@agent-orchestrator/testkit/session";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { expect, test } from "vitest";
import { nothingSeen, take } from "./server/seen.ts";
import { Teller } from "./teller.ts";

test("large growth of tokens is reported at once, otherwise at most every ten seconds", async () => {
  const facts: AgentFact[] = [];
  const clock = fakeClock();
  const session = pluginSession({ sessionDir: tempDir("ao-opencode") });
  const teller = new Teller({ session, clock, emit: (fact) => facts.push(fact) });
  const seen = nothingSeen("ses_1", 0);
  const use = (input: number): void => {
    const info = { id: "msg_1", sessionID: "ses_1", role: "assistant", time: { created: 0 } };
    const tokens = { input, output: 0, reasoning: 0, cache: { read: 0, write: 0 } };
    const event = { type: "message.updated" as const, properties: { info: { ...info, tokens } } };
    for (const happening of take(seen, event, 0)) teller.happen(seen, happening);
  };
  for (const input of [100, 1_000, 50_000, 51_000, 53_000, 53_100]) use(input);
  await clock.advance(10_000);
  use(53_200);
  const told = facts.flatMap((fact) => (fact.kind === "usage" ? [fact.usage.models[0]?.tokens.input] : []));
  expect(told).toEqual([100, 50_000, 53_000, 53_200]);
});
