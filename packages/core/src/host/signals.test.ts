import { getEventListeners } from "node:events";
import { expect, it } from "vitest";
import { joinSignals } from "./signals.ts";

it("ends with whichever ends first, for that one's reason", () => {
  const daemon = new AbortController();
  const request = new AbortController();
  const joined = joinSignals(daemon.signal, request.signal);
  expect(joined.signal.aborted).toBe(false);
  request.abort("hung up");
  daemon.abort("stopped");
  expect(joined.signal.reason).toBe("hung up");
});

it("has ended when one of them ended before", () => {
  expect(joinSignals(new AbortController().signal, AbortSignal.abort("over")).signal.reason).toBe("over");
});

it("leaves nothing behind at a signal that lives on", () => {
  const daemon = new AbortController();
  for (let n = 0; n < 100; n += 1) {
    const joined = joinSignals(daemon.signal);
    if (n % 2 === 0) joined.release();
    else joined.abort();
  }
  expect(getEventListeners(daemon.signal, "abort")).toHaveLength(0);
});
