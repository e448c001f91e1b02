import { existsSync } from "node:fs";
import { join } from "node:path";
import { MessageState, SETTLED } from "@agent-orchestrator/core/model/message";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { expect } from "vitest";
import { rounds, seededRandom } from "../support/tier.ts";
import { type AgentBox, PATIENCE_MS } from "./support/agent-box.ts";
import { kinds } from "./support/kinds.ts";
import { scenario } from "./support/scenario.ts";

/** Over all agents of the run. */
const SENT = Math.ceil(rounds(24 * kinds.length, 1_020) / Math.max(1, kinds.length));

const PAYLOADS = [
  "y",
  "1",
  "please run the tests",
  "/help me",
  "!ls",
  "-n --force",
  "@file",
  "# heading",
  "ends with;",
  "two\nlines",
  "ünï 漢字 👩‍👩‍👧",
  "$(id) `id` \"q\" 'q' \\",
  "x".repeat(900),
  Array.from({ length: 30 }, (_, at) => `line ${at}`).join("\n"),
];

/** A change shows up within this time. */
const FALSE_MS = 2_000;

interface Sent {
  mark: string;
  /** The last state that `ao` reports. */
  id: string;
}

/** Sends to one agent in every state it can be in, and records the outcomes. */
class Postman {
  readonly sent: Sent[] = [];
  /** Message → its last state. The session's own list drops a settled message after a while. */
  readonly #states = new Map<string, string>();
  /** Reasons for which a message was held for over two seconds although they were not true. */
  readonly heldFalsely: string[] = [];
  accidents = 0;
  dialogs = 0;
  readonly #box: AgentBox;
  readonly #random = seededRandom(7);

  constructor(box: AgentBox) {
    this.#box = box;
  }

  /** Watches why messages are held, until `isOver`. */
  async watchHolds(isOver: () => boolean): Promise<void> {
    const since = new Map<string, number>();
    while (!isOver()) {
      const { messages } = await this.#box.view("app-1");
      for (const { id, heldFor } of messages) {
        const key = `${id} ${heldFor}`;
        if (heldFor === null || this.#isTrueReason(heldFor)) since.delete(key);
        else if (!since.has(key)) since.set(key, Date.now());
        else if (Date.now() - (since.get(key) ?? 0) > FALSE_MS && !this.heldFalsely.includes(key))
          this.heldFalsely.push(key);
      }
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }

  /** Nobody types in its terminal, nothing is paused, and no turn fails. */
  #isTrueReason(heldFor: string): boolean {
    if (heldFor === "asking") return this.#box.wasTrue("app-1", "waiting_input", FALSE_MS);
    if (heldFor === "busy") return this.#box.wasTrue("app-1", "active", FALSE_MS);
    return ["before-it", "starting", "restoring"].includes(heldFor);
  }

  /** `after`: a script for the model, which makes it busy or ask. */
  async post(after = ""): Promise<void> {
    const mark = `letter-${this.sent.length}-`;
    const payload = PAYLOADS[Math.floor(this.#random() * PAYLOADS.length)] ?? "";
    // The mark is inside the text, so that the test covers what an agent does with the first character.
    const text = `${payload.slice(0, 1)} ${mark} ${payload} ${after}`.trim();
    const { id } = await this.#box.get("send", { session: "app-1", text, isWaiting: false });
    this.sent.push({ mark, id });
  }

  async idle(): Promise<void> {
    await this.#box.untilResting("app-1");
    await this.post();
  }

  async busy(): Promise<void> {
    await this.#box.untilResting("app-1");
    await this.post("%%slow 2 ;; %%sh sh tick.sh 1 ;; %%say done");
    await this.#box.untilShown("app-1", "active");
    for (let at = 0; at < 3; at += 1) await this.post();
  }

  async dialog(): Promise<void> {
    await this.#settled();
    const file = `asked-${++this.dialogs}.txt`;
    await this.post(`%%gated sh asked.sh ${file} ;; %%say done`);
    await this.#box.untilShown("app-1", "waiting_input");
    await this.post();
    await this.post();
    await new Promise((resolve) => setTimeout(resolve, 2_000)); // enough time for a message to do harm
    const { activity, workspacePath } = await this.#box.view("app-1");
    if (existsSync(join(workspacePath ?? "", file)) || activity?.state !== "waiting_input") this.accidents += 1;
    this.#box.mark("app-1", "unknown", "being answered");
    const answer = await this.#box.ao("answer", "app-1", "1");
    expect(answer, answer.stderr).toMatchObject({ status: 0 });
  }

  async dead(): Promise<void> {
    await this.#settled();
    const { pid } = await this.#box.view("app-1");
    process.kill(pid ?? 0, "SIGKILL");
    this.#box.mark("app-1", "unknown", "killed, and soon restored");
    await this.#box.until("app-1", ({ activity }) => activity?.state === "exited", "its end");
    // A message to an agent that died restores it.
    await this.post();
    await this.#settled();
    await this.post();
    await this.#settled();
  }

  /** Every message is settled, and the agent is idle. */
  async #settled(): Promise<void> {
    await waitFor(
      async () => {
        const { messages } = await this.#box.view("app-1");
        for (const { id, state } of messages) this.#states.set(id, state);
        return messages.every(({ state }) => SETTLED.has(MessageState.parse(state)));
      },
      { timeoutMs: PATIENCE_MS, what: "all messages settled" },
    );
    await this.#box.untilResting("app-1");
  }

  async account(): Promise<Account> {
    await this.#settled();
    const result: Account = { once: 0, told: 0, refused: [], lost: [], doubled: [] };
    for (const { mark, id } of this.sent) {
      const heard = this.#box.model.truth.timesHeard(mark);
      const state = this.#states.get(id);
      if (heard === 1) result.once += 1;
      else if (heard > 1) result.doubled.push(mark);
      else if (state === "failed" || state === "withdrawn") result.refused.push(`${mark} (${state})`);
      else if (state !== undefined && state !== "accepted") result.told += 1;
      else result.lost.push(`${mark} (${state})`);
    }
    return result;
  }
}

interface Account {
  once: number;
  told: number;
  refused: string[];
  lost: string[];
  doubled: string[];
}

scenario({
  name: `${SENT} messages in every state: none lost, refused or delivered twice, none held without a true reason, no dialog answered`,
  isMain: true,
  needs: "messages",
  timeoutMs: rounds(400_000, 4_800_000),
  options: { scripts: ["%%say ready"], files: { "asked.sh": "echo asked > $1\n" } },
  async play(box) {
    await box.spawn(1);
    await box.untilHeard("mark of app-1");
    const postman = new Postman(box);
    const states = ["idle", "busy", "idle", "dialog", "busy", "idle", "dead"] as const;
    let isOver = false;
    const watching = postman.watchHolds(() => isOver);
    try {
      for (let at = 0; postman.sent.length < SENT; at += 1) await postman[states[at % states.length] ?? "idle"]();
      const { once, told, ...bad } = await postman.account();
      const { accidents, sent, heldFalsely } = postman;
      const counts = Object.fromEntries(Object.entries({ ...bad, heldFalsely }).map(([key, all]) => [key, all.length]));
      box.addFigure({ sent: sent.length, once, told, ...counts, accidents });
      const none = { lost: [], refused: [], doubled: [], heldFalsely: [], accidents: 0 };
      expect({ ...bad, heldFalsely, accidents }).toEqual(none);
    } finally {
      isOver = true;
      await watching;
    }
  },
});
