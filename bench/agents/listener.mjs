// An agent with a screen of its own, as the real ones: raw mode, bracketed paste. It writes down when it had what
// (BENCH_LOG: milliseconds of the wall clock, session, word, rest of the first line), and ends when told to. With `commit` it
// commits something at its start and after each message, and writes down which commit.
import { execFileSync } from "node:child_process";
import { appendFileSync } from "node:fs";

const PASTE_BEGIN = "\u001b[200~";
const PASTE_END = "\u001b[201~";
const session = process.env.AO_SESSION_ID;
const log = (...words) =>
  appendFileSync(
    process.env.BENCH_LOG,
    `${performance.timeOrigin + performance.now()} ${session} ${words.join(" ")}\n`,
  );
const git = (...args) => execFileSync("git", args, { encoding: "utf8", stdio: "pipe" });

function commit() {
  if (process.argv[2] !== "commit") return;
  appendFileSync(`work-${session}.txt`, "more\n");
  git("add", "-A");
  git("commit", "--quiet", "-m", "work");
  log("commit", git("rev-parse", "HEAD").trim());
  process.stdout.write("committed\r\n");
}

/** Where the first Enter that is not part of a paste stands, or -1. */
function enterIn(text) {
  const begin = text.indexOf(PASTE_BEGIN);
  const enter = text.indexOf("\r");
  if (begin === -1 || enter < begin) return enter;
  const end = text.indexOf(PASTE_END, begin);
  return end === -1 ? -1 : text.indexOf("\r", end);
}

let text = "";
function take(chunk) {
  text += chunk;
  for (let enter = enterIn(text); enter !== -1; enter = enterIn(text)) {
    const [first = ""] = text.slice(0, enter).replaceAll(PASTE_BEGIN, "").replaceAll(PASTE_END, "").split("\r");
    text = text.slice(enter + 1);
    log("message", first);
    process.stdout.write(`got: ${first.slice(0, 40)}\r\n`);
    if (first.startsWith("exit ")) {
      log("exit");
      process.exit(Number(first.slice(5)));
    }
    commit();
  }
}

process.stdin.setRawMode?.(true);
process.stdin.setEncoding("utf8");
process.stdout.write("\u001b[?2004hlistening\r\n");
process.stdin.on("data", take);
log("start");
commit();
