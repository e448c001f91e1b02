// What aider does in the checkout: edits that it may have to ask for, commands that it always asks for, and its own commits.
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

export class Workbench {
  #files = new Set();
  #ignored = new Set();

  constructor({ root, speech, options, model }) {
    Object.assign(this, { root, speech, options, model });
    for (const file of options.files) this.#files.add(relative(root, resolve(file)));
    this.readOnly = options.read.map((file) => relative(root, resolve(file)));
  }

  git(...args) {
    return execFileSync("git", args, { cwd: this.root, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  }

  head() {
    try {
      return this.git("rev-parse", "HEAD").trim();
    } catch {
      return null;
    }
  }

  inChat() {
    return [...this.#files].sort();
  }

  /** Offers to add the files of the repository that the text names. */
  async offerMentioned(text) {
    const words = new Set(
      text.split(/\s+/).map((word) => word.replace(/[,.!;:?]+$/, "").replace(/^["'`*_]+|["'`*_]+$/g, "")),
    );
    const tracked = this.git("ls-files").split("\n").filter(Boolean);
    const mentioned = tracked
      .filter((file) => words.has(file) && !this.#files.has(file) && !this.#ignored.has(file))
      .sort();
    const group = mentioned.length > 1 ? {} : null;
    let isAdded = false;
    for (const file of mentioned) {
      if (await this.speech.confirm("Add file to the chat?", { subject: file, group, mayNever: true })) {
        this.#files.add(file);
        isAdded = true;
      } else this.#ignored.add(file);
    }
    return isAdded;
  }

  /** Returns what the model is told, or null if it was refused. */
  async write(path, change) {
    const full = resolve(this.root, path);
    const name = relative(this.root, full);
    if (!(await this.#mayEdit(name, full))) {
      this.speech.say(`Skipping edits to ${name}`);
      return null;
    }
    const before = existsSync(full) ? readFileSync(full, "utf8") : "";
    mkdirSync(dirname(full), { recursive: true });
    writeFileSync(full, change(before));
    this.speech.say(`Applied edit to ${name}`);
    await this.#commit(name);
    return `wrote ${name}`;
  }

  async #mayEdit(name, full) {
    if (this.#files.has(name)) return true;
    const isThere = existsSync(full);
    const question = isThere ? "Allow edits to file that has not been added to the chat?" : "Create new file?";
    if (!(await this.speech.confirm(question, { subject: name }))) return false;
    this.#files.add(name);
    return true;
  }

  /** Commits with a title from the weak model, and skips the user's hooks, as aider does. */
  async #commit(name) {
    if (!this.options["auto-commits"]) return;
    this.git("add", "--", name);
    if (this.git("diff", "--cached", "--name-only", "--", name).trim() === "") return;
    const asked = [
      { role: "system", content: "A one-line commit message." },
      { role: "user", content: `# Diffs:\n${name}` },
    ];
    const { text } = await this.model
      .ask(asked, { isSide: true })
      .catch(() => ({ text: "(no commit message provided)" }));
    const title = text.split("\n")[0];
    const trailer = `Co-authored-by: aider (${this.model.name}) <aider@aider.chat>`;
    this.git("commit", "--no-verify", "-q", "-m", `${title}\n\n${trailer}`, "--", name);
    this.speech.say(`Commit ${this.git("rev-parse", "--short=7", "HEAD").trim()} ${title}`, "1");
  }

  /** Returns what the model is told, or null if it was refused or ended by Ctrl-C. */
  async run(command, { isOwn = false } = {}) {
    const lines = command.trim().split("\n");
    if (!isOwn) {
      const count = lines.filter((line) => line.trim() !== "" && !line.trim().startsWith("#")).length;
      const question = count === 1 ? "Run shell command?" : "Run shell commands?";
      const how = { subject: lines.join("\n"), needsYes: true, mayNever: true };
      if (!(await this.speech.confirm(question, how))) return null;
    }
    let output = "";
    let isStopped = false;
    for (const line of lines.map((each) => each.trim()).filter((each) => each !== "" && !each.startsWith("#"))) {
      if (!isOwn) {
        this.speech.terminal.print();
        this.speech.say(`Running ${line}`);
        this.speech.input.add(`/run ${line}`);
      }
      const ran = await runShell(line, this.root);
      isStopped ||= ran.isStopped;
      if (ran.output !== "") output += `Output from ${line}\n${ran.output}\n`;
    }
    if (output.trim() !== "") {
      const question = isOwn ? "Add 0.1k tokens of command output to the chat?" : "Add command output to the chat?";
      if (await this.speech.confirm(question, { mayNever: !isOwn })) {
        const count = output.trim().split("\n").length;
        this.speech.say(`Added ${count} ${count === 1 ? "line" : "lines"} of output to the chat.`);
      }
    }
    return isStopped ? null : output || "(no output)";
  }
}

/** Has the terminal while it runs, and gets Ctrl-C itself. */
function runShell(command, cwd) {
  return new Promise((done) => {
    const child = spawn("sh", ["-c", command], { cwd, stdio: ["inherit", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8");
      stream.on("data", (text) => {
        output += text;
        process.stdout.write(text);
      });
    }
    const ignore = () => undefined;
    process.on("SIGINT", ignore);
    child.on("error", () => done({ output, isStopped: false }));
    child.on("close", (code, signal) => {
      process.off("SIGINT", ignore);
      done({ output, isStopped: signal !== null || code === 130 });
    });
  });
}

/** Writes a name into git's config if there is none. */
export function setIdentity(root) {
  for (const [key, value] of [
    ["user.name", "Your Name"],
    ["user.email", "you@example.com"],
  ]) {
    const git = (...args) => execFileSync("git", ["config", ...args], { cwd: root, stdio: "pipe" });
    try {
      git("--get", key);
    } catch {
      git(key, value);
    }
  }
}

/** Aider keeps its map of the repository in a folder of the checkout. */
export function makeTagsCache(root) {
  mkdirSync(join(root, ".aider.tags.cache.v4"), { recursive: true });
  writeFileSync(join(root, ".aider.tags.cache.v4", "cache.db"), "simulated\n");
}
