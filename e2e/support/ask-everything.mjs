// Sends every request in argv to the daemon's socket, with claims of its own about who asks, and prints what came of each:
// `{"status": "NOT_PERMITTED", "ping": "ok", …}`. An attacker needs no `ao`.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";

const { home, names, claims = {}, params = {}, steals = true, out } = JSON.parse(process.argv[2]);
const info = JSON.parse(readFileSync(join(home, "daemon/daemon.json"), "utf8"));
const tokenFile = join(home, "daemon/token");
const token = steals && existsSync(tokenFile) ? { token: readFileSync(tokenFile, "utf8").trim() } : {};

function ask(name) {
  const caller = { cwd: "/", pid: process.pid, build: "test", ...token, ...claims };
  return new Promise((resolve) => {
    const sent = request({ socketPath: info.socket, path: `/v1/${name}`, method: "POST" }, (answer) => {
      let text = "";
      answer.on("data", (chunk) => (text += chunk));
      answer.on("end", () => {
        const last = text.trim().split("\n").at(-1) || "{}";
        resolve(JSON.parse(last).error?.code ?? JSON.parse(last).type ?? "lost");
      });
      answer.on("error", () => resolve("lost"));
    });
    sent.on("error", () => resolve("lost"));
    sent.end(JSON.stringify({ params, caller }));
  });
}

const found = {};
for (const name of names) found[name] = await ask(name);
const text = JSON.stringify(found);
if (out === undefined) process.stdout.write(text);
else writeFileSync(out, text);
