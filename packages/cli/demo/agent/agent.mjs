// The demo's agent. It stands in for a language model: its "thoughts" are in the folders next to it, one per issue
// and turn. Everything else is as with a real agent: a program in a terminal that reads its prompt,
// edits files, commits, and accepts messages that are typed into it.
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";

const issue = process.env.AO_ISSUE_ID;
const PASTE_ON = "\u001b[?2004h";
const PASTE_BEGIN = "\u001b[200~";
const PASTE_END = "\u001b[201~";
let turn = 0;

async function work(request) {
  turn += 1;
  const folder = new URL(`./${issue}/${turn}/`, import.meta.url);
  say(`● ${firstLine(request)}`);
  if (!existsSync(folder)) return say("I have nothing to add to that.");
  for (const line of read(folder, "say.txt").split("\n")) {
    await pause(150); // a model takes longer
    say(`  ${line}`);
  }
  cpSync(new URL("files/", folder), process.cwd(), { recursive: true });
  git("add", "-A");
  git("commit", "--quiet", "-m", read(folder, "commit.txt"));
  say(`  Committed: ${read(folder, "commit.txt")}`);
}

const read = (folder, name) => readFileSync(new URL(name, folder), "utf8").trim();
const git = (...args) => execFileSync("git", args, { stdio: "pipe" });
const say = (text) => process.stdout.write(`${text}\r\n`);
const firstLine = (text) => text.split("\n").find((line) => line.trim() !== "") ?? "";

/** Messages come as one bracketed paste and one Enter, or as a typed line. */
function* messagesIn(input) {
  while (input.text.length > 0) {
    const begin = input.text.indexOf(PASTE_BEGIN);
    const end = input.text.indexOf(PASTE_END);
    if (begin !== -1 && end === -1) return;
    const enter = input.text.indexOf("\r", begin === -1 ? 0 : end);
    if (enter === -1) return;
    const message = begin === -1 ? input.text.slice(0, enter) : input.text.slice(begin + PASTE_BEGIN.length, end);
    input.text = input.text.slice(enter + 1);
    if (message.trim() !== "") yield message.replaceAll("\r", "\n");
  }
}

say("scripted agent (no language model: this is a demo)");
process.stdin.setRawMode?.(true);
process.stdout.write(PASTE_ON);
process.stdin.setEncoding("utf8");
const input = { text: "" };
let queue = work(`Working on issue ${issue}, as ${process.env.AO_PROMPT_FILE} says`);
process.stdin.on("data", (chunk) => {
  if (chunk === "\u0003") process.exit(130);
  input.text += chunk;
  for (const message of messagesIn(input)) queue = queue.then(() => work(message));
});
