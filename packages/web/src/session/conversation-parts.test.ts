import { expect, it } from "vitest";
import { partsOf } from "./conversation-parts.ts";

it("folds the calls of tools between what was said", () => {
  const text = "User: fix it\n\nplease\n\nClaude: on it\n\n[Bash] npm test\n\n[Edit] src/a.ts\n\nClaude: done";
  expect(partsOf(text)).toEqual([
    { kind: "said", by: "User", isUser: true, text: "fix it\n\nplease" },
    { kind: "said", by: "Claude", isUser: false, text: "on it" },
    { kind: "tools", calls: ["[Bash] npm test", "[Edit] src/a.ts"] },
    { kind: "said", by: "Claude", isUser: false, text: "done" },
  ]);
});

it("shows a transcript without speakers as it is", () => {
  expect(partsOf("just words")).toEqual([{ kind: "said", by: "", isUser: false, text: "just words" }]);
  expect(partsOf("")).toEqual([]);
});
