import { describe, expect, test } from "vitest";
import { agreementOf } from "./agreement.ts";
import type { TrueState } from "./truth.ts";

const samples = (shown: string, fromMs: number, toMs: number) =>
  Array.from({ length: (toMs - fromMs) / 200 }, (_, at) => ({
    ...{ atMs: fromMs + at * 200, answeredMs: fromMs + at * 200 },
    activity: shown,
    status: "working",
  }));
const moment = (atMs: number, state: TrueState) => ({ atMs, state, conversation: "c", why: "" });

describe("what was shown compared with what was true", () => {
  const truth = [moment(1_000, "active"), moment(5_000, "idle")];

  test("a change may take a second to show", () => {
    const shown = [
      ...samples("unknown", 0, 1_800),
      ...samples("active", 1_800, 5_800),
      ...samples("ready", 5_800, 8_000),
    ];
    expect(agreementOf(shown, truth)).toMatchObject({ samples: 40, right: 40, wrong: [], longLies: [] });
  });

  test("after that it is wrong, and a wrong idle or needs_input for over two seconds is a lie", () => {
    const shown = [
      ...samples("active", 1_000, 2_000),
      ...samples("ready", 2_000, 5_000),
      ...samples("active", 5_000, 8_000),
    ];
    const { right, samples: all, longLies, wrong } = agreementOf(shown, truth);
    expect(all - right).toBe(15 + 10);
    expect(longLies).toMatchObject([{ shown: "ready", truth: "active" }]);
    expect(wrong.length).toBe(2);
  });

  test("an answer may be from any moment since it was requested", () => {
    const [slow] = samples("ready", 4_900, 5_100);
    const during = (answeredMs: number) => [{ ...slow, atMs: 4_900, activity: "ready", status: "working", answeredMs }];
    expect(agreementOf(during(4_950), truth).right).toBe(0);
    expect(agreementOf(during(5_050), truth).right).toBe(1);
  });

  test("nothing counts where the truth is unknown", () => {
    expect(agreementOf(samples("ready", 0, 2_000), [moment(-5_000, "unknown")]).samples).toBe(0);
  });
});
