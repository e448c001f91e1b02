import { writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * A program in the daemon's place, next to the bundle. It takes a lock or exits with 75, listens, says who it is, and ends when
 * asked to. It leaves its pid and the number of starts in the home.
 */
export function writeDaemonProgram(folder: string, { build = "1.2.3+test", before = "" } = {}): void {
  writeFileSync(join(folder, "daemon.js"), PROGRAM.replace("BUILD", build).replace("/*before*/", before));
}

const PROGRAM = `
const fs = require("node:fs");
const http = require("node:http");
const path = require("node:path");
const home = process.env.AO_HOME;
const folder = path.join(home, "daemon");
fs.appendFileSync(path.join(home, "starts"), process.pid + "\\n");
/*before*/
try { fs.mkdirSync(path.join(folder, "lock")); } catch { process.stderr.write("ao daemon: another has the lock\\n"); process.exit(75); }
const socket = path.join(folder, "ao.sock");
fs.rmSync(socket, { force: true });
const info = { pid: process.pid, version: "1.2.3", build: "BUILD", epoch: 1, startedAt: "2026-01-01T00:00:00.000Z", home, socket };
const end = () => { fs.rmSync(socket, { force: true }); fs.rmdirSync(path.join(folder, "lock")); process.exit(0); };
const server = http.createServer((request, response) => {
  const name = request.url.slice(4);
  request.resume().on("end", () => {
    fs.appendFileSync(path.join(home, "asked"), name + "\\n");
    const data = name === "stop" ? { stopped: true, sessionsEnded: 0 } : name === "replace" ? { replaced: true } : name === "status" ? [] : info;
    response.end(JSON.stringify({ type: "result", data, meta: { env: Object.keys(process.env) } }) + "\\n");
    if (name === "stop" || name === "replace") setTimeout(end, 100);
  });
});
server.listen(socket, () => {
  fs.writeFileSync(path.join(folder, "lock-pid"), String(process.pid));
  fs.writeFileSync(path.join(folder, "daemon.json"), JSON.stringify(info));
});
setTimeout(end, 60000);
`;
