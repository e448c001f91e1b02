// An agent for the page's tests. The last word of its issue's title's line says how it behaves. Each message that it gets is a turn.
import { execFileSync } from "node:child_process";
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

const prompt = readFileSync(process.env.AO_PROMPT_FILE, "utf8");
const kind = /behave: (\w+)/.exec(prompt)?.[1] ?? "fix";
const git = (...args) => execFileSync("git", args, { stdio: "pipe" });
const say = (text) => process.stdout.write(`${text}\r\n`);

function commit(message) {
  git("add", "-A");
  git("commit", "--quiet", "--allow-empty", "-m", message);
  say(`\u001b[32m✓\u001b[0m committed: ${message}`);
}

function work() {
  mkdirSync("src", { recursive: true });
  const isBad = kind === "bad";
  writeFileSync(
    "src/round.ts",
    `/** Rounds half to even, as banks do. */\nexport function round(cents: number): number {\n  const whole = Math.trunc(cents);\n  const rest = Math.abs(cents - whole);\n  if (rest !== 0.5) return Math.round(cents);\n  return whole % 2 === 0 ? whole : whole + Math.sign(cents);${isBad ? " // BUG" : ""}\n}\n`,
  );
  writeFileSync(
    "README.md",
    "# till\n\nA small till.\n\nPrices are rounded half to even, and a total is a sum of rounded prices.\n",
  );
  commit("Round prices half to even");
}

say("\u001b[1mworker\u001b[0m reads the issue");
if (kind === "slow") {
  for (let at = 1; ; at += 1) {
    say(`\u001b[36m•\u001b[0m step ${at}: reading src/ledger-${at % 7}.ts`);
    await sleep(700);
  }
}
if (kind === "crash") {
  say("\u001b[31mError: cannot read the ledger\u001b[0m");
  process.exit(3);
}
work();
say("waiting for a message");
process.stdin.setRawMode?.(true);
process.stdout.write("\u001b[?2004h> ");
process.stdin.setEncoding("utf8");
let typed = "";
process.stdin.on("data", (chunk) => {
  typed += chunk;
  process.stdout.write(chunk.replaceAll(/\u001b\[20[01]~/g, "").replaceAll("\r", "\r\n"));
  if (!typed.endsWith("\r")) return;
  const text = typed.replaceAll(/\u001b\[20[01]~/g, "").trim();
  typed = "";
  if (text.startsWith("spam ")) {
    say("x".repeat(Number(text.slice(5))));
    return;
  }
  appendFileSync("NOTES.md", `${text.split("\n")[0]}\n`);
  commit(`note: ${text.slice(0, 40).replaceAll("\n", " ")}`);
});
