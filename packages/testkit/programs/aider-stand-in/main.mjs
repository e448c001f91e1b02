// SIMULATED. This is not Aider, but a stand-in for tests, where Aider cannot be installed. It was written from reading what Aider does
// (source of 0.86, commit 5dc9490bb35f9729ef2c95d00a19ccd30c26339c, 2026-05-22: files, prompts, questions, signals), and contains none of it.
// It differs on purpose in one way: the model asks for edits and commands through tools, as the scripted model of these tests
// does, and continues after each of them within the same turn.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { parseArgs } from "./args.mjs";
import { Coder } from "./coder.mjs";
import { ChatHistory, InputHistory, restoredMessages } from "./histories.mjs";
import { Model } from "./model.mjs";
import { Speech } from "./speech.mjs";
import { EndOfInput, Interrupted, Terminal } from "./terminal.mjs";
import { makeTagsCache, setIdentity, Workbench } from "./workbench.mjs";

const VERSION = "0.86.0+stand-in";

let options;
try {
  options = parseArgs(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`aider: error: ${error.message}\n`);
  process.exit(2);
}
if (options.version) {
  process.stdout.write(`aider ${VERSION}\n`);
  process.exit(0);
}

const root = execFileSync("git", ["rev-parse", "--show-toplevel"], { encoding: "utf8" }).trim();
const chatFile = options["chat-history-file"] ?? join(root, ".aider.chat.history.md");
const terminal = new Terminal({ isPretty: options.pretty && !process.env.NO_COLOR });
const restored = options["restore-chat-history"] ? restoredMessages(chatFile) : [];
const chat = new ChatHistory(chatFile);
const input = new InputHistory(options["input-history-file"] ?? join(root, ".aider.input.history"));
const speech = new Speech({ terminal, chat, input, options });
terminal.rule();

setIdentity(root);
if (options.gitignore) await askGitignore();
if (options.model === undefined && !process.env.OPENAI_API_KEY) {
  speech.say("No LLM model was specified and no API keys were provided.", "33");
  speech.say("OpenRouter provides free and paid access to many LLMs.");
  await speech.confirm("Login to OpenRouter or create a free account?");
  await speech.confirm("Open documentation URL for more info?", {
    subject: "https://example.invalid/models",
    mayNever: true,
  });
  process.exit(1);
}
const model = new Model({
  name: options.model ?? "gpt-4o",
  base: options["openai-api-base"] ?? process.env.OPENAI_API_BASE ?? "http://127.0.0.1:9/v1",
  key: options["openai-api-key"] ?? process.env.OPENAI_API_KEY ?? "",
  // Aider sends no such id. Tests need it for the truth that they compare with.
  conversation: `${process.env.AO_SESSION_ID ?? ""} ${basename(chatFile)}`,
});
const bench = new Workbench({ root, speech, options, model });
const coder = new Coder({ speech, bench, model, options, messages: [...readOnlyMessages(), ...restored] });
makeTagsCache(root);
announce();

const message = options.message ?? (options["message-file"] && readFileSync(options["message-file"], "utf8"));
if (message) {
  input.add(message);
  await turn(message);
  process.exit(0);
}
if (!options.exit) await stand();
process.exit(0);

/** Stays at its prompt until the user leaves. */
async function stand() {
  for (;;) {
    try {
      await turn(await nextInput());
    } catch (error) {
      if (error instanceof EndOfInput) return;
      if (!(error instanceof Interrupted)) throw error;
      coder.interrupted();
    }
  }
}

async function turn(text) {
  chat.user(text);
  await coder.take(text);
}

async function nextInput() {
  terminal.rule();
  speech.ringBell();
  const prefix = `${options.multiline ? "multi" : ""}> `;
  const files = [...bench.readOnly.map((file) => `${file} (read only)`), ...bench.inChat()];
  const shown = files.length === 0 ? "" : `${files.join("\n")}\n`;
  const first = await read(shown + prefix, prefix);
  const tag = /^\{([A-Za-z0-9]*)$/.exec(first)?.[1];
  if (tag === undefined) return first;
  let block = "";
  for (;;) {
    const line = await read(prefix, prefix);
    if (line === `${tag}}`) return block;
    block += `${line}\n`;
  }
}

async function read(show, prefix) {
  const line = await terminal.prompt(show, prefix);
  input.add(line);
  return line;
}

function announce() {
  speech.say(`Aider v${VERSION} (SIMULATED, a stand-in for tests)`);
  speech.say(`Model: ${model.name} with whole edit format`);
  speech.say(`Git repo: ${relative(root, bench.git("rev-parse", "--absolute-git-dir").trim())} with some files`);
  for (const file of bench.inChat()) speech.say(`Added ${file} to the chat.`);
  for (const file of bench.readOnly) speech.say(`Added ${file} to the chat (read-only).`);
  if (restored.length > 0) speech.say("Restored previous conversation history.");
}

function readOnlyMessages() {
  return options.read.flatMap((file) => [
    {
      role: "system",
      content: `Here are some READ ONLY files:\n${existsSync(file) ? readFileSync(file, "utf8") : ""}`,
    },
  ]);
}

async function askGitignore() {
  try {
    execFileSync("git", ["check-ignore", "-q", ".aider"], { cwd: root });
  } catch {
    speech.say("You can skip this check with --no-gitignore");
    await speech.confirm("Add .aider* to .gitignore (recommended)?");
  }
}
