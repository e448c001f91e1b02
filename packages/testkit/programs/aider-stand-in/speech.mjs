// What aider says, both on the screen and in its chat history, and its questions.
import { spawnSync } from "node:child_process";
import { EndOfInput } from "./terminal.mjs";

const VALID = ["yes", "no", "skip", "all"];

export class Speech {
  #bell = false;
  #never = new Set();

  constructor({ terminal, chat, input, options }) {
    Object.assign(this, { terminal, chat, input, options });
  }

  say(text = "", colour = null) {
    if (text !== "") this.chat.quote(text);
    this.terminal.print(text, colour);
  }

  /** Several lines, each separate. */
  warn(text) {
    for (const line of text.split("\n")) this.chat.quote(line);
    this.terminal.print(text, "33");
  }

  /** From now on the user may be away, so the next wait sends a notification. */
  modelStarted() {
    this.#bell = true;
  }

  ringBell() {
    if (!this.#bell || !this.options.notifications) return;
    const command = this.options["notifications-command"];
    if (command === undefined) process.stdout.write("\u0007");
    else {
      const { status, stderr } = spawnSync("sh", ["-c", command], {
        encoding: "utf8",
        stdio: ["inherit", "pipe", "pipe"],
      });
      if (status !== 0 && stderr) this.warn(`Failed to run notifications command: ${stderr}`);
    }
    this.#bell = false;
  }

  /** Returns true for yes. `group`: `{ preference }` of several questions of one kind. */
  async confirm(question, { subject, needsYes = false, group = null, mayNever = false } = {}) {
    this.ringBell();
    const id = JSON.stringify([question, subject]);
    if (this.#never.has(id)) return false;
    const hasNever = mayNever || group !== null;
    const all = group === null ? "" : `${needsYes ? "" : "/(A)ll"}/(S)kip all`;
    const asked = `${question} (Y)es/(N)o${all}${hasNever ? "/(D)on't ask again" : ""} [Yes]: `;
    if (subject !== undefined) {
      this.terminal.print();
      this.chat.quote(padded(subject));
      this.terminal.print(padded(subject), "7");
    }
    const answer = await this.#answerOf(asked, { needsYes, group, hasNever });
    this.chat.quote(`${asked.trim()} ${answer}`);
    if (answer === "d" && hasNever) {
      this.#never.add(id);
      return false;
    }
    if (group !== null && answer === "a" && !needsYes) group.preference = "all";
    if (group !== null && answer === "s") group.preference = "skip";
    return answer === "y" || (answer === "a" && !needsYes);
  }

  async #answerOf(asked, { needsYes, group, hasNever }) {
    if (this.options["yes-always"]) return needsYes ? "n" : "y";
    if (group?.preference) {
      this.chat.user(`${asked}${group.preference}`);
      return group.preference[0];
    }
    const valid = hasNever ? [...VALID, "don't"] : VALID;
    for (;;) {
      const typed = await this.#read(asked);
      const word = typed === "" ? "y" : typed.toLowerCase();
      if (valid.some((each) => each.startsWith(word))) return word[0];
      this.say(`Please answer with one of: ${valid.join(", ")}`, "31");
    }
  }

  async #read(asked) {
    try {
      const typed = await this.terminal.prompt(asked);
      this.input.add(typed);
      return typed;
    } catch (error) {
      if (error instanceof EndOfInput) return "";
      throw error;
    }
  }
}

function padded(text) {
  const lines = text.split("\n");
  const width = Math.max(...lines.map(({ length }) => length));
  return lines.length === 1 ? text : lines.map((line) => line.padEnd(width)).join("\n");
}
