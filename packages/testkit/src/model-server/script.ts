/**
 * The script that a test writes into the words an agent is given, and that the model server plays back:
 * `%%write a.txt|hi ;; %%slow 4 ;; %%sh git commit -qam x ;; %%say done`. The page docs/testing-agents.md lists the directives.
 */
export interface Call {
  verb: "write" | "edit" | "read" | "sh" | "gated" | "ask" | "tool";
  rest: string;
}

/** `status` 0: the vendor's usage limit. `cut`: the stream breaks off after its first words; `drop`: the connection closes without an answer. */
export interface Failure {
  status: number | "cut" | "drop";
  times: number;
  retryAfterSeconds: number | null;
}

/** One answer of the model. Without `call` it is the last one in the turn. */
export interface Step {
  call: Call | null;
  text: string | null;
  delayMs: number;
  /** How long the answer takes from its first words to its last. */
  streamMs: number;
  /** Does not answer until the agent gives up or is interrupted. */
  hangs: boolean;
  failure: Failure | null;
  usage: Record<string, number>;
}

const CALLS = new Set(["write", "edit", "read", "sh", "gated", "ask", "tool"]);
const MARK = "%%";
const FIRST = /%%(?:write|edit|read|sh|gated|ask|tool|say|slow|stream|compact|hang|error|cut|drop|limit|usage)\b/;

export const hasScript = (text: string): boolean => text.split("\n").some((line) => directivesOf(line).length > 0);

/** Returns the directives of all lines, in order, after any quote prefix. A repeated line counts once. */
export function parseScript(text: string): Step[] {
  const lines = text.split("\n").map(directivesOf);
  const seen = new Set<string>();
  const steps: Step[] = [];
  let step = emptyStep();
  for (const directives of lines) {
    const line = directives.join("\n");
    if (directives.length === 0 || seen.has(line)) continue;
    seen.add(line);
    for (const directive of directives) {
      apply(step, directive);
      if (step.call === null) continue;
      steps.push(step);
      step = emptyStep();
    }
  }
  return [...steps, step];
}

function emptyStep(): Step {
  return { call: null, text: null, delayMs: 0, streamMs: 0, hangs: false, failure: null, usage: {} };
}

function directivesOf(line: string): string[] {
  const at = line.search(FIRST);
  if (at < 0) return [];
  const quote = line[at - 1];
  let body = line.slice(at).trimEnd();
  if ((quote === '"' || quote === "`" || quote === "'") && body.endsWith(quote)) body = body.slice(0, -1);
  return body
    .split(/\s*;;\s*(?=%%)/)
    .map((part) => part.slice(MARK.length).trim())
    .filter((part) => part !== "");
}

function apply(step: Step, directive: string): void {
  const [, name = "", rest = ""] = /^([a-z]+)\s*(.*)$/s.exec(directive) ?? [];
  if (CALLS.has(name)) step.call = { verb: name as Call["verb"], rest };
  else if (name === "say") step.text = rest;
  else if (name === "slow") step.delayMs += Number(rest) * 1000;
  else if (name === "stream") step.streamMs += Number(rest) * 1000;
  else if (name === "hang") step.hangs = true;
  else if (name === "error") step.failure = failureOf(rest);
  else if (name === "cut" || name === "drop") step.failure = { ...failureOf(`0 ${rest}`), status: name };
  else if (name === "limit") step.failure = { status: 0, times: 1_000, retryAfterSeconds: Number(rest || "3600") };
  else if (name === "usage") step.usage = usageOf(rest);
}

/** `429 2 5`: the status, how many times, after how many seconds to try again. */
function failureOf(rest: string): Failure {
  const [status = "500", times = "1", retryAfter] = rest.split(/\s+/);
  return {
    status: Number(status),
    times: Number(times),
    retryAfterSeconds: retryAfter === undefined ? null : Number(retryAfter),
  };
}

/** `in=10 out=20 cacheRead=5 cacheWrite=1` */
function usageOf(rest: string): Record<string, number> {
  return Object.fromEntries(
    rest
      .split(/[\s,]+/)
      .map((pair) => pair.split("="))
      .map(([name = "", value]) => [name, Number(value)]),
  );
}
