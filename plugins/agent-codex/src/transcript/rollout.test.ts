import { expect, test } from "vitest";
import { recorded } from "../testing/recorded.ts";
import { recordedIn, transcriptOf } from "./rollout.ts";

const text = recorded("rollout.jsonl");

test("the conversation reads as text, without what is only for the model", () => {
  const transcript = transcriptOf(text);
  expect(transcript).toContain("User: Begin. %%sh echo one > one.txt");
  expect(transcript).toContain("[exec_command] git add -A && git commit -qm one");
  expect(transcript).toContain("[apply_patch]");
  expect(transcript).not.toContain("environment_context");
});

test("receipts and tokens are found in it", () => {
  const { clientIds, total } = recordedIn(text);
  expect(clientIds.length).toBeGreaterThan(1);
  expect(total).toMatchObject({ inputTokens: expect.any(Number), cachedInputTokens: expect.any(Number) });
  expect((total?.inputTokens ?? 0) % 1000).toBe(0);
});

test("a line that is cut off or of another kind is skipped", () => {
  expect(recordedIn(`{"type":"ev\n[]\n"x"\n{"type":"new","payload":{}}\n`)).toEqual({ clientIds: [], total: null });
  expect(transcriptOf("\n\n{}")).toBe("");
});
