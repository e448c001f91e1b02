import { AoError } from "@agent-orchestrator/core/model/errors";
import type { DeliverOptions } from "@agent-orchestrator/core/slots/agent";
import type { AgentTerminal, WrittenMessage } from "@agent-orchestrator/core/slots/agent-terminal";
import { piecesOf } from "@agent-orchestrator/plugin-kit/message";
import { Stage } from "./stage.ts";

export const RULE = "─".repeat(40);

/** The input box of a program. It shows what is typed, and Enter submits it. */
export class Box {
  draft = "";
  /** How many keys are swallowed while the program draws. */
  deaf = 0;
  onPiece: () => void = () => undefined;
  onEnter: (text: string) => void = () => undefined;
  instead: string[] | null = null;
  readonly keys: string[] = [];
  /** Of the messages whose typing was started. A runtime starts none twice. */
  readonly ids = new Set<string>();

  /** A suggestion, drawn in an empty box like typed text. */
  ghost = "";
  /** The number of characters between the cursor and the end. */
  behind = 0;
  sign = "❯";
  footer = "  ? for shortcuts";

  get terminal(): AgentTerminal {
    return {
      screen: async () => ({ rows: this.#rows(), styledRows: this.#rows("\u001b[7m"), cursor: null, title: null }),
      write: (message) => this.#write(message),
      press: async (keys) => {
        for (const key of keys) this.#press(typeof key === "string" ? key : key.char);
      },
    };
  }

  #rows(turned = ""): string[] {
    if (this.instead !== null) return this.instead;
    if (this.draft === "" && this.ghost !== "") return [RULE, `${this.sign}\u00a0${this.ghost}`, RULE, this.footer];
    const at = this.draft.length - this.behind;
    const [first = "", ...rest] = `${this.draft.slice(0, at)}${turned}${this.draft.slice(at)}`.split("\n");
    return [RULE, `${this.sign}\u00a0${first}`, ...rest.map((row) => `  ${row}`), RULE, this.footer];
  }

  async #write({ id, text, guard }: WrittenMessage): Promise<void> {
    if (this.ids.has(id)) return;
    this.ids.add(id);
    const mustBeSafe = async () => {
      if ((await guard?.()) !== false) return;
      this.ids.delete(id);
      throw new AoError("REFUSED", "the program does not accept a message now");
    };
    for (const piece of piecesOf(text)) {
      await mustBeSafe();
      this.draft += piece.normalize("NFC").replaceAll("\t", "");
      this.onPiece();
    }
    await mustBeSafe();
    this.#press("Enter");
  }

  #press(key: string): void {
    this.keys.push(key);
    const at = this.draft.length - this.behind;
    if (key === "Left") this.behind = Math.min(this.behind + 1, this.draft.length);
    if (key === "Right") this.behind = Math.max(this.behind - 1, 0);
    if (key.length === 1 && /[ -~]/.test(key)) this.draft = this.draft.slice(0, at) + key + this.draft.slice(at);
    if (key === "BSpace" && at > 0) this.draft = this.draft.slice(0, at - 1) + this.draft.slice(at);
    if (key === "C-u") this.draft = this.draft.replace(/(?:\n|[^\n]+)$/, "");
    if (key !== "Enter") return;
    if (this.deaf > 0) this.deaf -= 1;
    else {
      this.onEnter(this.draft.trimEnd());
      this.draft = "";
    }
  }
}

/** A text that was sent before is the same message again. */
type Send = (text: string, more?: Partial<DeliverOptions>) => Promise<unknown>;

/** An idle program and its box. */
export async function openBox(): Promise<{ stage: Stage; box: Box; send: Send }> {
  const stage = await Stage.open();
  const box = new Box();
  stage.terminal = box.terminal;
  await stage.observe();
  stage.hook("UserPromptSubmit", { prompt: "Fix issue 42." });
  stage.hook("Stop");
  stage.status("idle");
  await stage.until("ready");
  stage.facts.length = 0;
  box.onEnter = (prompt) => stage.hook("UserPromptSubmit", { prompt });
  const texts: string[] = [];
  const send: Send = async (text, more) => {
    if (!texts.includes(text)) texts.push(text);
    const id = `m${texts.indexOf(text) + 1}`;
    return await stage.agent.deliver?.(stage.session, { id, text }, { terminal: stage.terminal, ...more });
  };
  return { stage, box, send };
}
