import { getEventListeners } from "node:events";
import { expect, it } from "vitest";
import { joinSignals } from "./signals.ts";

it("aborts with whichever signal aborts first, for its reason", () => {
  const daemon = new AbortController();
  const request = new AbortController();
  const joined = joinSignals(daemon.signal, request.signal);
  expect(joined.signal.aborted).toBe(false);
  request.abort("hung up");
  daemon.abort("stopped");
  expect(joined.signal.reason).toBe("hung up");
});

it("is aborted from the start if one of the signals already was", () => {
  expect(joinSignals(new AbortController().signal, AbortSignal.abort("over")).signal.reason).toBe("over");
});

it("leaves no listener behind on a signal that outlives it", () => {
  const daemon = new AbortController();
  for (let n = 0; n < 100; n += 1) {
    const joined = joinSignals(daemon.signal);
    if (n % 2 === 0) joined.release();
    else joined.abort();
  }
  expect(getEventListeners(daemon.signal, "abort")).toHaveLength(0);
});
