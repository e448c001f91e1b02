import { AoError } from "@agent-orchestrator/core/model/errors";
import type { CallOptions } from "@agent-orchestrator/core/slots/common";
import { expect } from "vitest";

/** One call of each method of a plugin, by the method's name. Undefined for a method that the plugin does not have. */
export type Calls = Readonly<Record<string, ((options: CallOptions) => Promise<unknown>) | undefined>>;

/** How soon an aborted call must end. Much less than any deadline of a plugin's own. */
const PROMPT_MS = 2_000;

const entriesOf = (calls: Calls) =>
  Object.entries(calls).flatMap(([name, call]) => (call === undefined ? [] : [{ name, call }]));

const reasonOf = (name: string) => new AoError("UNREACHABLE", `the caller of ${name} gave up`);

/** Each method throws the signal's own reason if it has aborted already. */
export async function expectRefusal(calls: Calls): Promise<void> {
  for (const { name, call } of entriesOf(calls)) {
    const reason = reasonOf(name);
    const outcome = await call({ signal: AbortSignal.abort(reason) }).catch((thrown: unknown) => thrown);
    expect(outcome, `${name} with an aborted signal`).toBe(reason);
  }
}

/**
 * Each method ends as soon as its signal aborts although the far side does not answer: it throws the signal's reason, never an
 * answer it does not have. Returns the methods that were interrupted. The others needed no far side.
 */
export async function interrupted(calls: Calls): Promise<string[]> {
  const names: string[] = [];
  for (const { name, call } of entriesOf(calls)) {
    const reason = reasonOf(name);
    const giveUp = new AbortController();
    let outcome: unknown = "nothing yet";
    const calling = call({ signal: giveUp.signal }).then(
      () => "answered",
      (thrown: unknown) => thrown,
    );
    void calling.then((ended) => {
      outcome = ended;
    });
    await turns();
    const wasUnderWay = outcome === "nothing yet";
    giveUp.abort(reason);
    const ended = await Promise.race([calling, tooLate()]);
    if (!wasUnderWay) expect(ended, `${name} without a far side`).toBe("answered");
    else expect(ended, `${name}, aborted under way`).toBe(reason);
    if (wasUnderWay) names.push(name);
  }
  return names;
}

/** Long enough for a call to have asked, if it asks at all. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}

const tooLate = () =>
  new Promise((resolve) => setTimeout(() => resolve(`did not end within ${PROMPT_MS} ms`), PROMPT_MS).unref());
