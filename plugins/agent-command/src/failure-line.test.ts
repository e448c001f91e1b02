import { expect, it } from "vitest";
import { failureLine } from "./quiet.ts";

it.each([
  "401 Unauthorized: invalid api key",
  "API Error: 529 overloaded",
  "Error: model not found",
  "fatal: unable to access 'https://x/': Could not resolve host",
  "ValueError: bad literal",
  "  ✗ error TS2304: Cannot find name 'x'",
  "request failed with status 403 Forbidden",
  "You are not logged in. Run `agent login`.",
  "bash: agent: command not found",
  "HTTP 500",
])("reads like a failure: %s", (line) => {
  expect(failureLine(["", "hello", line, "", "> "])).toBe(line.trim());
});

it.each([
  "done",
  "12 passed, 0 failed",
  "no errors",
  "errors: 0",
  "Added error handling",
  "port 4040",
  "fixed #404",
  "> ",
])("does not: %s", (line) => expect(failureLine(["working", line])).toBeNull());

it("only near the end of the screen counts, and the last one is shown, on one cleaned line", () => {
  expect(failureLine(["Error: old", "1", "2", "3", "4", "5"])).toBeNull();
  expect(failureLine(["Error: first", "Error: \u001b[31msecond", "> "])).toBe("Error: second");
  expect(failureLine([])).toBeNull();
});
