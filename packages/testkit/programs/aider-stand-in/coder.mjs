// One conversation: a message goes to the model, its answer is carried out, and aider is back at its prompt.
import { ModelError } from "./model.mjs";
import { Interrupted } from "./terminal.mjs";

const SYSTEM = "You are a scripted model behind a program that stands in for Aider.";
/** Dollars per million tokens of the only model whose price it knows. */
const PRICES = { "gpt-4o": { in: 2.5, out: 10 } };

export class Coder {
  #cost = 0;
  #abort = null;
  #interruptedAtMs = 0;

  constructor({ speech, bench, model, options, messages }) {
    Object.assign(this, { speech, bench, model, options, messages });
    process.on("SIGINT", () => this.#abort?.abort(new Interrupted()));
  }

  /** A second one within two seconds ends the program. */
  interrupted() {
    const nowMs = Date.now();
    if (nowMs - this.#interruptedAtMs < 2_000) {
      this.speech.warn("\n\n^C KeyboardInterrupt");
      process.exit(0);
    }
    this.#interruptedAtMs = nowMs;
    this.speech.warn("\n\n^C again to exit");
  }

  /** A whole turn. */
  async take(text) {
    const before = this.bench.head();
    if (/^[/!]/.test(text)) {
      await this.#command(text);
      return;
    }
    if (text === "") return;
    await this.bench.offerMentioned(text);
    if (this.options["detect-urls"]) await this.#offerUrls(text);
    this.messages.push({ role: "user", content: text });
    while (await this.#step());
    if (before !== this.bench.head()) this.speech.say("You can use /undo to undo and discard each aider commit.");
  }

  async #offerUrls(text) {
    const urls = [...new Set(text.match(/https?:\/\/[^\s/$.?#][^\s"]*[^\s,.]/g) ?? [])];
    for (const url of urls) {
      const group = urls.length > 1 ? {} : null;
      await this.speech.confirm("Add URL to the chat?", { subject: url, group, mayNever: true });
    }
  }

  /** One call of the model and what it asks for. Returns false if the turn is over. */
  async #step() {
    const answer = await this.#ask();
    if (answer === null) return false;
    const { text, calls } = answer;
    const message = { role: "assistant", content: text, ...(calls.length > 0 && { tool_calls: calls }) };
    this.messages.push(message);
    for (const call of calls) {
      const result = await this.#carryOut(call);
      if (result === null) {
        // Refused or stopped. Aider tells the model only with the next message.
        delete message.tool_calls;
        return false;
      }
      this.messages.push({ role: "tool", tool_call_id: call.id, content: result });
    }
    return calls.length > 0;
  }

  async #ask() {
    this.speech.modelStarted();
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    let stop = this.speech.terminal.spin(`Waiting for ${this.model.name}`);
    const onRetry = (error, seconds) => {
      stop();
      this.#sayError(error);
      this.speech.say(`Retrying in ${seconds.toFixed(1)} seconds...`);
      stop = this.speech.terminal.spin(`Waiting for ${this.model.name}`);
    };
    const messages = [{ role: "system", content: SYSTEM }, ...this.messages];
    try {
      const answer = await this.model.askPatiently(messages, { signal, onRetry });
      stop();
      this.speech.terminal.print(`\n${answer.text}\n`, "34");
      this.speech.chat.answer(answer.text);
      this.speech.terminal.print();
      this.#sayUsage(answer.usage);
      return answer;
    } catch (error) {
      stop();
      if (signal.aborted) {
        this.interrupted();
        this.messages.push({ role: "user", content: "^C KeyboardInterrupt" }, { role: "assistant", content: "I see." });
        return null;
      }
      if (!(error instanceof ModelError)) throw error;
      this.#sayError(error);
      this.speech.terminal.print();
      return null;
    } finally {
      this.#abort = null;
    }
  }

  #sayError(error) {
    if (error.sentence !== null) this.speech.warn(error.message);
    this.speech.say(error.sentence ?? error.message, "31");
  }

  #sayUsage({ prompt_tokens: sent = 0, completion_tokens: received = 0 }) {
    const price = PRICES[this.model.name.replace(/^openai\//, "")];
    let line = `Tokens: ${count(sent)} sent, ${count(received)} received.`;
    if (price !== undefined) {
      const cost = (sent * price.in + received * price.out) / 1e6;
      this.#cost += cost;
      line += ` Cost: $${money(cost)} message, $${money(this.#cost)} session.`;
    }
    this.speech.say(line);
  }

  async #carryOut({ function: { name, arguments: words } }) {
    const given = JSON.parse(words);
    if (name === "read") return "read";
    if (name === "bash") return this.options["suggest-shell-commands"] ? this.bench.run(given.command) : null;
    const change = name === "write" ? () => given.content : (text) => text.replace(given.oldString, given.newString);
    return this.bench.write(given.filePath ?? given.path, change);
  }

  async #command(text) {
    const [word = ""] = text.split(/\s+/);
    if (text.startsWith("!")) await this.bench.run(text.slice(1), { isOwn: true });
    else if (word === "/run") await this.bench.run(text.slice(4).trim(), { isOwn: true });
    else if (word === "/exit" || word === "/quit") process.exit(0);
    else if (word === "/clear") this.messages.length = 0;
    else this.speech.say(`Invalid command: ${word}`, "31");
  }
}

function count(tokens) {
  if (tokens < 1_000) return String(tokens);
  return tokens < 10_000 ? `${(tokens / 1_000).toFixed(1)}k` : `${Math.round(tokens / 1_000)}k`;
}

function money(value) {
  if (value === 0) return "0.00";
  return value >= 0.01 ? value.toFixed(2) : value.toFixed(Math.max(2, 2 - Math.trunc(Math.log10(value))));
}
