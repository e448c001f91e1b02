import { Stage } from "./support/stage.ts";
import { rssMb, cpuMs, childrenOf } from "./support/proc.ts";
const N = Number(process.env.N ?? 200);
const stage = new Stage({ agent: "idle", agentArgs: ["commit"], issues: N, project: `    scm: { plugin: local, ci: [{ name: test, run: "true" }] }` });
const prof = (n: string) => ({ NODE_OPTIONS: "--require /tmp/prof.cjs", PROF_OUT: `/tmp/prof/${n}.cpuprofile` });
const sleep = (ms: number) => new Promise(r => setTimeout(r, ms));
try {
  await stage.box.start(prof("spawn")); await stage.box.trust();
  let t = performance.now();
  for (let f = 1; f <= N; f += 50) { await stage.box.get("spawn", { words: ["app", ...Array.from({length: Math.min(50,N-f+1)}, (_, n) => String(f+n))] }); console.log(f+49, (performance.now()-t).toFixed(0), "cpu", cpuMs(stage.daemonPid).toFixed(0), "rss", rssMb(stage.daemonPid).toFixed(0)); }
  for (;;) { const s = await stage.box.get("status", {}); const ok = s.filter(x => x.pr?.ci === "passing" && x.activity.state !== "active").length; console.log(ok, (performance.now()-t).toFixed(0), "cpu", cpuMs(stage.daemonPid).toFixed(0), "rss", rssMb(stage.daemonPid).toFixed(0)); if (ok === N) break; await sleep(3000); }
  await sleep(5000);
  console.log("idle rss", rssMb(stage.daemonPid));
  await stage.box.get("stop", {}); await stage.box.died();
  t = performance.now(); await stage.box.start(prof("idle")); console.log("start", performance.now()-t);
  for (let i = 0; i < 8; i++) { const c = cpuMs(stage.daemonPid); await sleep(5000); console.log("idle 5s cpu", (cpuMs(stage.daemonPid)-c).toFixed(0), "rss", rssMb(stage.daemonPid).toFixed(0)); }
  await stage.box.get("stop", {}); await stage.box.died();
  await stage.box.start(prof("facts")); await sleep(5000);
  const ids = (await stage.box.get("status", {})).map(x => x.id);
  t = performance.now(); let next = 0; const F = 3000;
  await Promise.all(Array.from({ length: 8 }, async () => { while (next < F) { const at = next++; if (at % 300 === 0) console.log("facts", at, (performance.now()-t).toFixed(0), "rss", rssMb(stage.daemonPid).toFixed(0), "cpu", cpuMs(stage.daemonPid).toFixed(0)); await stage.box.get("report", { session: ids[at % N]!, state: Math.floor(at / N) % 2 ? "working" : "waiting", note: `step ${at}` }); } }));
  await sleep(5000); console.log("after", rssMb(stage.daemonPid));
  await stage.box.get("stop", {}); await stage.box.died();
} finally { await stage.close(); }
