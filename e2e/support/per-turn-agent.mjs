// One turn per run: `node per-turn-agent.mjs MESSAGE_FILE`. Commits a line and exits 0; a message "exit N" exits N without work.
import { execFileSync } from "node:child_process";
import { appendFileSync, readFileSync } from "node:fs";

const text = readFileSync(process.argv[2] ?? process.env.AO_PROMPT_FILE, "utf8");
const isFirst = process.argv[2] === undefined;
const entry = { session: process.env.AO_SESSION_ID, pid: process.pid, event: isFirst ? "start" : "message", text };
appendFileSync(process.env.AGENT_LOG, `${JSON.stringify(entry)}\n`);
const asked = /^exit (\d+)$/.exec(text.trim());
if (asked !== null && !isFirst) process.exit(Number(asked[1]));
appendFileSync("work.txt", "turn\n");
execFileSync("git", ["add", "-A"]);
execFileSync("git", ["commit", "-qm", isFirst ? "work" : "more work"]);
process.stdout.write("did a turn\n");
