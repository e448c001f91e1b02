import { activity, exited, playRunning } from "@agent-orchestrator/testkit/play";
import { aPr, iso } from "@agent-orchestrator/testkit/records";
import { describe, expect, test } from "vitest";

const MIN = 60_000;
const kill = { kind: "wish-kill", remove: false, by: "user", reason: "ao kill" } as const;
const pr = (changes: Parameters<typeof aPr>[0]) => ({ kind: "pr", snapshot: aPr(changes) }) as const;
const ready = { ci: "passing", review: "approved" } as const;

describe("what an agent does (S rows)", () => {
  test("a tool call that runs may be silent for 30 minutes", () => {
    const tool = {
      kind: "activity",
      launch: 1,
      activity: { state: "active", since: iso(5), source: "hook", evidence: "", tool: "Bash" },
    } as const;
    const run = playRunning().at(5, tool);
    expect(run.until(29 * MIN).record.status).toBe("working");
    expect(run.until(31 * MIN).record.status).toBe("stuck");
  });

  test("a question stays open whatever a worse source says, until the better one takes it back", () => {
    const quiet = {
      kind: "activity",
      launch: 1,
      activity: { state: "ready", since: iso(9), source: "output", evidence: "quiet" },
    } as const;
    const run = playRunning().at(5, activity("waiting_input", 5)).at(9, quiet);
    expect(run.record.status).toBe("needs_input");
    expect(run.at(20, activity("active", 20)).record.status).toBe("working");
  });

  test("a plugin's whole word takes back what it said before, from whatever source; what the agent reported stays", () => {
    const whole = (state: "active" | "ready" | "unknown", source: "hook" | "screen" | "process", ms: number) =>
      ({
        kind: "activity",
        launch: 1,
        activity: { state, since: iso(ms), source, evidence: state },
        isWhole: true,
      }) as const;
    const run = playRunning()
      .at(5, activity("waiting_input", 5))
      .at(9, whole("active", "screen", 9));
    expect([run.record.status, Object.keys(run.record.claims ?? {})]).toEqual(["working", ["screen"]]);
    run.at(12, whole("active", "process", 12));
    expect(run.record.activity).toMatchObject({ source: "process", since: iso(9) });
    run.at(15, whole("ready", "screen", 15));
    expect(run.record.activity).toMatchObject({ state: "ready", source: "screen" });
    run.at(20, { kind: "reported", state: "needs_input", note: "which?" }).at(21, whole("ready", "hook", 21));
    expect(run.record.status).toBe("needs_input");
    expect(Object.keys(run.record.claims ?? {}).sort()).toEqual(["hook", "report"]);
  });

  test("a usage limit ends the turn, and is neither a question nor rest", () => {
    const limited = {
      kind: "activity",
      launch: 1,
      activity: { state: "limited", since: iso(9), source: "hook", evidence: "", limit: { resetsAt: iso(5 * MIN) } },
      isWhole: true,
    } as const;
    const { record } = playRunning().at(9, limited);
    expect([record.status, record.turns, record.turnStartedAt]).toEqual(["working", 1, null]);
  });

  test("a reported question is answered by typing; one of a hook is not, for a dialog may still be open", () => {
    const asked = { kind: "reported", state: "needs_input", note: "which?" } as const;
    expect(playRunning().at(5, asked).at(9, { kind: "human-input" }).record.status).toBe("working");
    expect(playRunning().at(5, activity("waiting_input", 5)).at(9, { kind: "human-input" }).record.status).toBe(
      "needs_input",
    );
  });

  test("a reported 'working' yields to silence after the ready threshold, so no turn runs endlessly", () => {
    const quiet = {
      kind: "activity",
      launch: 1,
      activity: { state: "ready", since: iso(4000), source: "output", evidence: "quiet" },
    } as const;
    const run = playRunning().at(5, { kind: "reported", state: "working", note: null }).at(4000, quiet);
    expect(run.record.activity?.state).toBe("active");
    expect(run.until(6 * MIN).record.activity?.state).toBe("ready");
  });

  test("a screen cannot declare a process dead, and facts of an older launch are ignored", () => {
    const dead = {
      kind: "activity",
      launch: 1,
      activity: { state: "exited", since: iso(9), source: "screen", evidence: "" },
    } as const;
    const run = playRunning().at(9, dead);
    expect(run.record.activity?.state).toBe("active");
    const before = run.record;
    expect(run.at(10, exited(10, 1, 0)).record).toBe(before);
  });

  test("between its turns a per-turn agent is ready, never exited", () => {
    const { record } = playRunning({ agent: { lifetime: "per-turn", receipts: "never", canResume: true } }).at(
      5,
      exited(5, 0),
    );
    expect([record.activity?.state, record.status, record.turns, record.phase]).toEqual([
      "ready",
      "working",
      1,
      "down",
    ]);
  });

  test("an ended session keeps its ending whatever is seen later", () => {
    const run = playRunning().at(5, kill).at(6, { kind: "stopped", launch: 1 });
    expect(run.at(7, pr({ ...ready })).record.status).toBe("killed");
  });
});
