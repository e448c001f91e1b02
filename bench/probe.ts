import { execFileSync, spawn, spawnSync } from "node:child_process";
import { Sandbox } from "/work/wt/bench/e2e/support/sandbox.ts";

const box = new Sandbox({ agentArgs: ["--idle"], top: "limits: { maxConcurrentSessions: 500 }" });
try {
  await box.start();
  await box.trust();
  const one = async (i: number) => {
    const t = performance.now();
    await box.get("spawn", { words: [], prompt: `task ${i}` });
    return performance.now() - t;
  };
  await one(0);
  await one(1);
  const hand = (i: number) => {
    const t = performance.now();
    spawnSync(process.execPath, ["-e", "0"]);
    const a = performance.now() - t;
    execFileSync("git", ["worktree", "add", "-q", "-b", `h${i}`, `${box.dir}/h${i}`], {
      cwd: box.repo.path,
      env: box.env,
    });
    const b = performance.now() - t;
    execFileSync("tmux", ["-S", `${box.dir}/hs`, "new-session", "-d", "-s", `h${i}`, "sleep", "100"], { env: box.env });
    const c = performance.now() - t;
    return [a, b - a, c - b].map((x) => x.toFixed(0)).join("+");
  };
  hand(99);
  for (let i = 0; i < 6; i++) {
    console.log("hand", hand(i), "ao in daemon", (await one(10 + i)).toFixed(0));
    await new Promise((r) => setTimeout(r, 1500));
  }
  const pid = box.info()!.pid;
  const st = spawn("strace", [
    "-f",
    "-tt",
    "-s",
    "200",
    "-v",
    "-e",
    "trace=execve,exit_group,clone,clone3,vfork",
    "-p",
    String(pid),
    "-o",
    "/tmp/bench-strace.txt",
  ]);
  await new Promise((r) => setTimeout(r, 1500));
  const at = Date.now();
  console.log("begin", new Date(at).toISOString(), await one(50), "end", new Date().toISOString());
  await new Promise((r) => setTimeout(r, 500));
  st.kill("SIGINT");
} finally {
  console.log(box.daemonLog().slice(-2000));
  try {
    execFileSync("tmux", ["-S", `${box.dir}/hs`, "kill-server"]);
  } catch {}
  await box.close();
}
