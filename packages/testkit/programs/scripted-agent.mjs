// A program that behaves like a coding agent in a terminal, for tests. Each turn adds a line to work.txt and commits it.
// It records every start and every message it gets in AGENT_LOG, one JSON object per line, so that a test can count them.
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { appendFileSync } from "node:fs";

const PASTE_BEGIN = "\u001b[200~";
const PASTE_END = "\u001b[201~";
const log = (entry) => {
  if (process.env.AGENT_LOG)
    appendFileSync(
      process.env.AGENT_LOG,
      `${JSON.stringify({ session: process.env.AO_SESSION_ID, pid: process.pid, ...entry })}\n`,
    );
};
const say = (text) => process.stdout.write(`${text}\r\n`);
const git = (...args) => execFileSync("git", args, { stdio: "pipe" });

const file = process.argv.includes("--own-file") ? `work-${process.env.AO_SESSION_ID}.txt` : "work.txt";

function turn(what) {
  appendFileSync(file, `${what}\n`);
  git("add", "-A");
  git("commit", "--quiet", "-m", `work: ${what}`);
  say(`did: ${what}`);
}

function* messagesIn(input) {
  while (input.text.length > 0) {
    const begin = input.text.indexOf(PASTE_BEGIN);
    const end = input.text.indexOf(PASTE_END);
    if (begin !== -1 && end === -1) return;
    const enter = input.text.indexOf("\r", begin === -1 ? 0 : end);
    if (enter === -1) return;
    const text = begin === -1 ? input.text.slice(0, enter) : input.text.slice(begin + PASTE_BEGIN.length, end);
    input.text = input.text.slice(enter + 1);
    yield text.replaceAll("\r", "\n");
  }
}

log({ event: "start", args: process.argv.slice(2) });
say("scripted agent");
process.stdin.setRawMode?.(true);
process.stdout.write("\u001b[?2004h");
process.stdin.setEncoding("utf8");
const input = { text: "" };
process.stdin.on("data", (chunk) => {
  if (chunk === "\u0003") {
    log({ event: "interrupt" });
    return say("interrupted");
  }
  input.text += chunk;
  for (const text of messagesIn(input)) {
    log({ event: "message", sha: createHash("sha256").update(text).digest("hex"), text });
    if (text.startsWith("exit ")) process.exit(Number(text.slice(5)));
    if (text.startsWith("run ")) {
      const { status, stdout, stderr } = spawnSync("sh", ["-c", text.slice(4)], { encoding: "utf8" });
      log({ event: "ran", text: text.slice(4), status, stdout, stderr });
      say("ran");
      continue;
    }
    turn("message");
  }
});
if (!process.argv.includes("--idle")) turn("prompt");
