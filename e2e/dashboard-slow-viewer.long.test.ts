import { readFileSync } from "node:fs";
import { DoorClient, openTerminal } from "@agent-orchestrator/testkit/door-client";
import { freePort } from "@agent-orchestrator/testkit/free-port";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { afterEach, expect, it } from "vitest";
import { Sandbox } from "./support/sandbox.ts";

let box: Sandbox;
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") process.stderr.write(await box.diagnose());
  await box.close();
});

const MIB = 1024 * 1024;
const AMOUNT_MIB = 125;

/** Prints as much as it is told, in lines, and how long that took. */
const SPEW = `
process.stdin.setEncoding("utf8").on("data", async (text) => {
  for (const [, mib, name] of text.matchAll(/spew (\\d+) as (\\w+)/g)) {
    const line = "0123456789abcdef".repeat(4).slice(0, 63) + "\\n";
    const block = line.repeat(1024);
    const began = performance.now();
    for (let i = 0; i < Number(mib) * 16; i++) {
      if (!process.stdout.write(block)) await new Promise((done) => process.stdout.once("drain", done));
    }
    console.log(name + " took " + Math.round(performance.now() - began) + " ms;");
  }
});
process.stdin.setRawMode?.(true);
console.log("ready to spew;");
`;

const rssOf = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) * 1024;

it("125 MiB for a viewer that does not read: little is held for it, the agent is not slowed, another viewer stays live", {
  timeout: 900_000,
}, async () => {
  const port = await freePort();
  const args = JSON.stringify(["-e", SPEW]);
  box = new Sandbox({
    top: `port: ${port}`,
    agentConfig: `{ command: ${JSON.stringify(process.execPath)}, args: ${args} }`,
  });
  expect((await box.ao("trust")).status).toBe(0);
  await box.json("spawn", "app", "1");
  const client = await DoorClient.enter((await box.json<{ link: string }>("dashboard")).link);
  const live = await openTerminal(client, "app-1", { write: true });
  await waitFor(() => live.text().includes("ready to spew;"), { timeoutMs: 60_000 });

  /** How long the agent needs for so much, in its own words. */
  const spew = async (mib: number, name: string): Promise<number> => {
    live.type(`spew ${mib} as ${name}\r`);
    const took = new RegExp(`${name} took (\\d+) ms;`);
    const words = { timeoutMs: 300_000, what: `the end of ${name}, live` };
    return Number(await waitFor(() => took.exec(live.text().slice(-20_000))?.[1], words));
  };

  const alone = await spew(AMOUNT_MIB, "alone");
  const deaf = await openTerminal(client, "app-1");
  await waitFor(() => deaf.text().length > 0, { timeoutMs: 60_000 });
  deaf.socket.pause();
  const silent = await openTerminal(client, "app-1", { confirms: false });
  const before = rssOf(box.daemonPid() ?? 0);
  const watched = await spew(AMOUNT_MIB, "watched");
  const grown = rssOf(box.daemonPid() ?? 0) - before;
  console.log(
    `${AMOUNT_MIB} MiB: ${alone} ms alone, ${watched} ms with viewers that do not read; the daemon grew by ${(grown / MIB).toFixed(1)} MiB; ` +
      `a viewer that confirms nothing got ${(silent.received() / MIB).toFixed(2)} MiB`,
  );
  expect(silent.received()).toBeLessThanOrEqual(MIB);
  expect(grown).toBeLessThan(40 * MIB);
  expect(watched).toBeLessThan(alone * 2 + 2_000);
  // One that reads again sees what is there now.
  const late = await openTerminal(client, "app-1");
  await waitFor(() => late.text().length > 0, { timeoutMs: 60_000 });
  late.socket.pause();
  await spew(8, "late");
  late.socket.resume();
  const screens = () => late.messages.filter(({ type }) => type === "screen").length;
  await waitFor(() => screens() > 1, { timeoutMs: 60_000, what: "a new picture for the viewer that reads again" });
  await waitFor(() => late.text().includes("late took "), { timeoutMs: 60_000, what: "the newest output in it" });
});
