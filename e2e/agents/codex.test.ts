import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { expect } from "vitest";
import { type AgentBox, type AgentBoxOptions, PATIENCE_MS } from "./support/agent-box.ts";
import type { AgentKind } from "./support/agent-kind.ts";
import { kinds } from "./support/kinds.ts";
import { scenario } from "./support/scenario.ts";

const codex = kinds.find(({ plugin }) => plugin === "codex");

interface Play extends AgentBoxOptions {
  kind?: AgentKind | undefined;
}

/** Only Codex has these: its own dialog about trust, and its app server. */
function play(name: string, { kind = codex, ...options }: Play, scene: (box: AgentBox) => Promise<void>): void {
  scenario({ name, needs: "messages", kinds: kind === undefined ? [] : [kind], options, play: scene });
}

const untrusting = (kind: AgentKind): AgentKind => ({
  ...kind,
  seed(stage) {
    kind.seed(stage);
    const config = join(stage.home, ".codex/config.toml");
    writeFileSync(config, readFileSync(config, "utf8").split("[projects")[0] ?? "");
  },
});

play(
  "a repository that the user never trusted is asked about, and the answer starts the work",
  {
    scripts: ["%%sh echo hi > hi.txt ;; %%say done"],
    kind: codex === undefined ? undefined : untrusting(codex),
  },
  async (box) => {
    await box.spawn(1);
    await box.get("wait", { session: "app-1", until: ["needs_input"], timeoutMs: PATIENCE_MS });
    const { question, activity } = await box.view("app-1");
    expect(activity?.source).toBe("screen");
    expect(question?.text).toContain("Trust this folder?");
    expect(question?.choices[0]).toBe("Trust and continue");
    expect(box.model.truth.timesHeard("mark of app-1")).toBe(0);
    const said = await box.ao("answer", "app-1", "1");
    expect(said, said.stderr).toMatchObject({ status: 0 });
    await box.untilHeard("mark of app-1");
    await box.untilResting("app-1");
    expect((await box.view("app-1")).activity?.source).toBe("protocol");
    expect((await box.ao("doctor")).stdout).toContain(`Codex does not trust ${box.repo.path}`);
  },
);

const unready: Play = {
  scripts: ["%%say never said"],
  kind: codex === undefined ? undefined : { ...codex, seed: () => undefined },
};

play("a Codex that was never started is refused before anything is made, and told by doctor", unready, async (box) => {
  const said = await box.ao("spawn", "app", "1");
  expect(said.status).not.toBe(0);
  expect(said.stderr).toContain("never set up");
  expect(said.stderr).toContain("Start `codex` once");
  expect((await box.ao("doctor")).stdout).toContain("never set up");
  expect(await box.get("status", { all: true })).toEqual([]);
});

/** Of the only session in the box. */
function serverPid(box: AgentBox): number | undefined {
  return readdirSync("/proc")
    .map(Number)
    .find((pid) => {
      const words = pid > 0 ? commandLine(pid) : "";
      return (
        words.includes("\0app-server\0--listen\0") && words.includes(`${box.dir}/`) && !words.startsWith("/bin/sh")
      );
    });
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return ""; // ended meanwhile
  }
}

play(
  "an app server that dies is there again, with the same conversation and the same agent",
  { scripts: ["%%say ready"] },
  async (box) => {
    await box.begin();
    const { pid } = await box.view("app-1");
    const first = serverPid(box);
    process.kill(first ?? 0, "SIGKILL");
    await waitFor(() => serverPid(box) !== undefined && serverPid(box) !== first, { what: "another app server" });
    await box.until("app-1", ({ activity }) => activity?.source === "protocol", "the new connection");
    await box.say("app-1", "still there? %%say I am");
    await box.untilHeard("still there?");
    await box.untilResting("app-1");
    const [conversation] = box.model.truth.saying("still there?");
    expect(conversation?.users.join()).toContain("mark of app-1");
    expect((await box.view("app-1")).pid).toBe(pid);
  },
);

play(
  "what is allowed leaves the sandbox without a question; an agent that ends leaves no app server",
  { scripts: ["%%gated sh tick.sh 1 ;; %%sh ao report waiting --note 'from the sandbox' ;; %%say done"] },
  async (box) => {
    await box.spawn(1);
    const results = () => box.model.truth.saying("mark of app-1")[0]?.results ?? [];
    await waitFor(() => results().length === 2, { timeoutMs: PATIENCE_MS, what: "both results" });
    expect(results()[0]).toContain("ticked");
    expect(box.notices().filter(({ type }) => type.includes("input"))).toEqual([]);
    expect(results()[1]).toContain("app-1: waiting");
    await box.get("kill", { sessions: ["app-1"], isConfirmed: true });
    await waitFor(() => serverPid(box) === undefined, { what: "no app server" });
  },
);

/** Codex does not report that it dropped a message: its sender must not wait for a receipt, and the next message must be delivered. */
play(
  "a message that waits in a turn is told as unconfirmed when that turn is interrupted, by whomever, or its server dies",
  { scripts: ["%%say ready"] },
  async (box) => {
    await box.begin();
    const ends = [
      { work: "%%sh sh tick.sh 20", end: () => box.ao("interrupt", "app-1") },
      { work: "%%slow 60", end: () => box.ao("interrupt", "app-1") },
      { work: "%%sh sh tick.sh 20", end: async () => box.type("app-1", ["Escape"]) },
      { work: "%%slow 60", end: async () => process.kill(serverPid(box) ?? 0, "SIGKILL") },
    ];
    for (const [index, { work, end }] of ends.entries()) {
      await box.say("app-1", `Begin ${index}: ${work} ;; %%say never`);
      await box.untilHeard(`Begin ${index}:`);
      await box.untilShown("app-1", "active");
      const text = `dropped ${index} %%say never`;
      const { id } = await box.get("send", { session: "app-1", text, isUrgent: true, isWaiting: false });
      const stateOf = async () => (await box.view("app-1")).messages.find((each) => each.id === id)?.state;
      await waitFor(async () => (await stateOf()) === "written", { timeoutMs: PATIENCE_MS, what: "it waits in Codex" });
      await end();
      const isTold = async () => {
        box.mark(
          "app-1",
          "unknown",
          "its turn has ended: the model server notices that late, and a server that died restarts first",
        );
        return (await stateOf()) === "unconfirmed";
      };
      await waitFor(isTold, { timeoutMs: 20_000, what: `the truth ${index}` });
      await box.say("app-1", `next ${index} %%say heard`);
      await box.untilHeard(`next ${index}`);
      await box.untilResting("app-1");
      expect(box.model.truth.timesHeard(`dropped ${index}`)).toBe(0);
      expect(await stateOf()).toBe("unconfirmed");
    }
  },
);

const options = (...labels: string[]) => labels.map((label) => ({ label, description: label }));
const TWO_QUESTIONS = JSON.stringify({
  questions: [
    { id: "a", question: "Which colour?", header: "Colour", options: options("red", "blue") },
    { id: "b", question: "Which size?", header: "Size", options: options("small", "large") },
  ],
});

play(
  "a daemon that is killed between the two parts of an answer asks for the second part, and Codex gets both",
  { scripts: ["%%say ready"] },
  async (box) => {
    const untilAsked = (words: string) =>
      box.until("app-1", ({ question }) => question?.text.includes(words) === true, words);
    await box.begin();
    await box.say("app-1", `Ask: %%tool request_user_input ${TWO_QUESTIONS} ;; %%say thanks`);
    await untilAsked("Which colour?");
    box.mark("app-1", "unknown", "it asks, which the model server cannot see");
    expect(await box.ao("answer", "app-1", "blue")).toMatchObject({ status: 0 });
    await untilAsked("Which size?");
    await box.kill9();
    await box.start();
    // Until the new daemon knows what is open, it answers nothing, and says so.
    const answered = async () => (await box.ao("answer", "app-1", "small")).status === 0;
    await waitFor(answered, { timeoutMs: 20_000, what: "the second part is taken" });
    await box.untilResting("app-1");
    const results = box.model.truth.saying("Ask:")[0]?.results.join();
    expect(results).toContain("blue");
    expect(results).toContain("small");
  },
);
