import type { SessionUpdate } from "@agentclientprotocol/sdk";
import { expect, test } from "vitest";
import { painter, wrap } from "./paint.ts";
import { toolCalls } from "./tool-calls.ts";
import { transcript } from "./transcript.ts";

function written(width = 40) {
  const lines: string[] = [];
  const view = transcript({ print: (more) => void lines.push(...more), width: () => width, paint: painter(false) });
  const say = (text: string, more: object = {}) =>
    view.update({ sessionUpdate: "agent_message_chunk", content: { type: "text", text }, ...more } as SessionUpdate);
  return { lines, view, say };
}

test("text that arrives in pieces becomes whole lines, and whatever comes next ends it", () => {
  const { lines, view, say } = written();
  for (const piece of ["Hel", "lo the", "re\nand", " more"]) say(piece);
  expect(lines).toEqual(["", "● Hello there"]);
  view.note("a remark");
  expect(lines.slice(2)).toEqual(["  and more", "· a remark"]);
});

test("nothing from the agent moves the cursor, colours the screen or hides", () => {
  const { lines, view, say } = written(200);
  say("a\u001b[2Jb\u001b]0;title\u0007c\rd\u202ee\u200bf\n");
  view.noise("x\u001b[1Ay");
  view.prompt({ id: null, text: "p\u0000\u001b[31mq", from: "ao" });
  expect(lines.join("|")).toBe("|● abc|  def|│ xy||» pq");
});

test("long lines are broken at blanks and keep their indentation, and long words stay whole", () => {
  expect(wrap("- one two three four", 12)).toEqual(["- one two", "  three four"]);
  expect(wrap("see https://example.com/a/very/long/one now", 12)).toEqual([
    "see",
    "https://example.com/a/very/long/one",
    "now",
  ]);
});

test("only the start of a long prompt, output or change is shown", () => {
  const { lines, view } = written();
  view.prompt({ id: null, text: Array.from({ length: 50 }, (_, at) => `line ${at}`).join("\n"), from: "ao" });
  expect(lines).toHaveLength(22 - 1);
  expect(lines.at(-1)).toBe("  … 30 more lines");
  lines.length = 0;
  const newText = Array.from({ length: 40 }, (_, at) => `new ${at}`).join("\n");
  const { call } = toolCalls().take({
    toolCallId: "1",
    title: "write a",
    kind: "edit",
    status: "completed",
    content: [{ type: "diff", path: "a", oldText: null, newText }],
  });
  view.tool(call);
  view.tool(call);
  expect(lines.slice(0, 3)).toEqual(["✔ edit: write a", "    a (+40 −0)", "    + new 0"]);
  expect(lines.at(-1)).toBe("    … 26 more lines");
});

test("only the end of the conversation before a resume is shown", () => {
  const { lines, view, say } = written();
  view.replay(true);
  for (let at = 0; at < 100; at++) say(`line ${at}\n`);
  view.replay(false);
  expect(lines[0]).toBe("· Earlier (41 lines before these):");
  expect(lines.at(-1)).toBe("  line 99");
  expect(lines).toHaveLength(61);
});

test("a plan is shown when it changes", () => {
  const { lines, view } = written();
  const entry = { content: "one", priority: "medium", status: "in_progress" } as const;
  view.update({ sessionUpdate: "plan", entries: [entry] });
  view.update({ sessionUpdate: "plan", entries: [entry] });
  view.update({ sessionUpdate: "plan", entries: [{ ...entry, status: "completed" }] });
  expect(lines).toEqual(["Plan", "  ◐ one", "", "Plan", "  ☑ one"]);
});
