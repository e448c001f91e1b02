import { systemClock } from "@agent-orchestrator/core/host/clock";
import { type AoError, isAoError } from "@agent-orchestrator/core/model/errors";
import { onTestFinished } from "vitest";
import { createHttp, type Http, type HttpFailure, type HttpOptions, httpFailure } from "../client.ts";

export interface TestHttp extends Http {
  /** What was logged. */
  lines: string[];
}

/** A client with short times, closed when the test ends. */
export function makeHttp(origin: string, more: Partial<HttpOptions> = {}): TestHttp {
  const lines: string[] = [];
  const log = { debug: (text: string) => void lines.push(text), warn: (text: string) => void lines.push(text) };
  const times = { attemptMs: 10_000, deadlineMs: 20_000, retries: 0, pauseMs: 20 };
  const http = createHttp({
    name: "Hub",
    clock: systemClock,
    log,
    env: () => ({}),
    origins: [origin],
    ...times,
    ...more,
  });
  onTestFinished(() => http.close());
  return Object.assign(http, { lines });
}

/** The failure that was thrown, and its error. Throws if there was an answer. */
export async function failureOf(asked: Promise<unknown>): Promise<HttpFailure & { error: AoError }> {
  const outcome = await asked.then(
    (answer) => new Error(`answered: ${String(answer)}`),
    (thrown: unknown) => thrown,
  );
  const failure = httpFailure(outcome);
  if (failure === null || !isAoError(outcome)) throw outcome;
  return { ...failure, error: outcome };
}
