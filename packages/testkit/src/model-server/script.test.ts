import { describe, expect, test } from "vitest";
import { hasScript, parseScript } from "./script.ts";

const verbs = (text: string) => parseScript(text).map(({ call }) => call?.verb ?? "end");

describe("a script in the words of a prompt", () => {
  test("is the directives of all lines, behind any quote prefix, and ends with a last word", () => {
    const steps = parseScript("Please:\n> %%write a.txt|hi ;; %%slow 4 ;; %%sh git commit -qam x\n> %%say done");
    expect(steps).toMatchObject([
      { call: { verb: "write", rest: "a.txt|hi" }, delayMs: 0 },
      { call: { verb: "sh", rest: "git commit -qam x" }, delayMs: 4000 },
      { call: null, text: "done" },
    ]);
  });

  test("counts a repeated line once", () => {
    expect(verbs("%%sh make\n> %%sh make")).toEqual(["sh", "end"]);
  });

  test("is not what merely looks like one", () => {
    expect(hasScript("100%%sure %% %%nonsense a")).toBe(false);
    expect(verbs("%%sh printf '%%s' ;; x")).toEqual(["sh", "end"]);
  });

  test("has the errors, limits and usage that it names", () => {
    expect(parseScript("%%error 429 2 5 ;; %%usage in=10 cacheRead=3 ;; %%say x")[0]).toMatchObject({
      failure: { status: 429, times: 2, retryAfterSeconds: 5 },
      usage: { in: 10, cacheRead: 3 },
    });
    expect(parseScript("%%limit 60")[0]?.failure).toMatchObject({ status: 0, retryAfterSeconds: 60 });
  });
});
