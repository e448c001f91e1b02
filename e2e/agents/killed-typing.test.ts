import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { expect } from "vitest";
import type { AgentBox } from "./support/agent-box.ts";
import type { AgentKind } from "./support/agent-kind.ts";
import { kinds as allKinds } from "./support/kinds.ts";
import { scenario } from "./support/scenario.ts";

/** Where the daemon is killed with -9. A place that an agent's way of delivery does not pass is skipped. */
const PLACES = [
  "deliver.before",
  "typing.noted",
  "typing.piece",
  "typing.typed",
  "typing.entered",
  "turn-start.noted",
  "turn-start.answered",
  "message.before",
  "message.written",
  "deliver.after",
];
const LONG = Array.from({ length: 150 }, (_, at) => `word${at}`).join(" ");

const isSettled = ({ state }: { state: string }): boolean => /^(?:accepted|unconfirmed|failed|withdrawn)$/.test(state);

/** Sends while the daemon is about to die at `place`. False if it never got there. */
async function sendAndDie(
  box: AgentBox,
  file: string,
  at: { place: string; text: string; isUrgent: boolean },
): Promise<boolean> {
  rmSync(`${file}.passed`, { force: true });
  writeFileSync(file, at.place);
  const { text, isUrgent } = at;
  const id = `message-${text.length}-${PLACES.indexOf(at.place)}`;
  // It may die before it answers.
  await box.ask("send", { session: "app-1", text, isUrgent, isWaiting: false }, id);
  const isDead = () => existsSync(`${file}.passed`) && readFileSync(`${file}.passed`, "utf8").includes(`${at.place}\n`);
  const isOver = async () => (await box.view("app-1")).messages.some((each) => each.id === id && isSettled(each));
  const end = await waitFor(async () => (isDead() ? "dead" : await isOver().catch(() => false)), {
    timeoutMs: 60_000,
    what: `the daemon's death at ${at.place}, or the message's end`,
  });
  writeFileSync(file, "");
  if (end !== "dead") return false;
  await box.died();
  return true;
}

const inTerminals = allKinds.filter(({ runtime }) => runtime === undefined);
/** Aider takes nothing during a turn, and Claude Code 2.1.197 passes it on inside a tool's result, where the model server does not look. */
const takesMore = ({ plugin, version }: AgentKind): boolean => plugin !== "aider" && version !== "2.1.197";

interface Sending {
  what: string;
  text: string;
  /** A turn that runs meanwhile. */
  busy?: string;
}

const SENDINGS: Sending[] = [
  { what: "a short message", text: "short words" },
  { what: "a long message", text: LONG },
  { what: "a message to a working agent", text: LONG, busy: "%%slow 1 ;; %%sh sh tick.sh 12 ;; %%say worked" },
];

for (const { what, text, busy } of SENDINGS) {
  scenario({
    name: `a daemon that is killed at any step of sending ${what} sends it once, and is sure of it`,
    needs: busy === undefined ? "messages" : "queue",
    timeoutMs: 600_000,
    isLong: text === LONG,
    kinds: busy === undefined ? inTerminals : inTerminals.filter(takesMore),
    options: { scripts: ["%%say ready"] },
    async play(box) {
      const file = join(box.dir, "failpoint");
      writeFileSync(file, "");
      await box.kill9();
      await box.start({ AO_FAILPOINT_FILE: file });
      await box.begin();
      const states: Record<string, unknown> = {};
      for (const place of PLACES) {
        const words = `killed at ${place}: ${text}`;
        if (busy !== undefined) {
          await box.say("app-1", `before ${place}: ${busy}`);
          await box.untilShown("app-1", "active");
        }
        if (!(await sendAndDie(box, file, { place, text: words, isUrgent: busy !== undefined }))) {
          await box.untilResting("app-1");
          continue;
        }
        await box.start({ AO_FAILPOINT_FILE: file });
        await box.until("app-1", ({ messages }) => messages.every(isSettled), "the message's end");
        const { messages } = await box.view("app-1");
        // Accepted does not mean that the model was asked already, and the agent is idle before it begins as well.
        await box.untilHeard(`killed at ${place}:`);
        await box.untilResting("app-1");
        const { state, doubt } = messages.at(-1) as { state: string; doubt?: string };
        states[place] = { state, doubt, heard: box.model.truth.timesHeard(`killed at ${place}:`) };
      }
      const wanted = Object.keys(states).map((place) => [place, { state: "accepted", doubt: undefined, heard: 1 }]);
      expect(states).toEqual(Object.fromEntries(wanted));
      box.addFigure({ killed: Object.keys(states) });
    },
  });
}
