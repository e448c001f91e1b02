import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { handlers } from "../packages/daemon/src/handlers.ts";
import type { RequestName } from "../packages/daemon/src/requests.ts";
import { Sandbox } from "./support/sandbox.ts";

const ASK = fileURLToPath(new URL("./support/ask-everything.mjs", import.meta.url));
type Name = RequestName;
/** `replace` last: it ends the daemon. */
const NAMES = (Object.keys(handlers) as Name[]).sort((a, b) => Number(a === "replace") - Number(b === "replace"));

/** No request accepts these, so the user's are refused as USAGE and change nothing. Whoever may not ask is refused before. */
const BAD = Object.fromEntries(
  "revoke sessions session target isConfirmed isDryRun path state title words until isPaused limit project check fix pin channel key"
    .split(" ")
    .map((key) => [key, { not: "accepted" }]),
);

interface Way {
  claims?: Record<string, unknown>;
  params?: Record<string, unknown>;
  steals?: boolean;
}

let box: Sandbox;
const orderFor = (way: Way & { out?: string; names?: Name[] }): string =>
  JSON.stringify({ home: box.home, names: NAMES, params: BAD, ...way });
const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
const line = (way: Way & { out?: string }): string =>
  `${quote(process.execPath)} ${quote(ASK)} ${quote(orderFor(way))}`;

const told = async (out: string): Promise<Record<string, string>> => {
  await waitFor(() => existsSync(out) && readFileSync(out, "utf8") !== "", { timeoutMs: 30_000, what: out });
  return JSON.parse(readFileSync(out, "utf8"));
};
const allowed = (found: Record<string, string>): string[] =>
  Object.entries(found)
    .filter(([, outcome]) => outcome !== "NOT_PERMITTED")
    .map(([name]) => name)
    .sort();
const namesOf = (...classes: string[]): string[] =>
  NAMES.filter((name) => classes.includes(handlers[name].access)).sort();

const NOBODY = namesOf("everyone");
const AGENT = namesOf("everyone", "own");

let inCheck = "";
beforeAll(async () => {
  box = new Sandbox({
    agentArgs: ["--own-file"],
    project: '    scm: { plugin: local, ci: [{ name: seen, run: "sh ci.sh" }] }',
  });
  inCheck = join(box.dir, "in-check.json");
  writeFileSync(join(box.repo.path, "ci.sh"), `${line({ out: inCheck })}\n`);
  box.repo.git("add", "ci.sh");
  box.repo.commit("a check that asks the daemon");
  expect((await box.ao("trust")).status).toBe(0);
  const spawned = await box.ao("spawn", "app", "1", "2");
  expect(spawned.status, spawned.stderr).toBe(0);
}, 60_000);
afterAll(() => box.close());

async function asAgent(way: Way, around = (command: string) => command): Promise<string[]> {
  const { stdout = "", stderr } = await box.asAgent("app-1", around(line(way)));
  expect(stdout, stderr).not.toBe("");
  return allowed(JSON.parse(stdout));
}

/** In a session of its own, with no environment, and without any parent of ours. */
const escaped = (command: string): string =>
  `(env -i setsid sh -c ${quote(`sleep 0.2; ${command}`)} </dev/null >/dev/null 2>&1 &)`;

describe("the access table", () => {
  it("lets the user ask for everything", () => {
    const text = execFileSync(process.execPath, [ASK, orderFor({ names: NAMES.filter((name) => name !== "replace") })]);
    expect(allowed(JSON.parse(text.toString()))).toEqual(NAMES.filter((name) => name !== "replace").sort());
  });

  it("refuses the user's own programs without the token almost everything", () => {
    const text = execFileSync(process.execPath, [ASK, orderFor({ steals: false })]).toString();
    expect(allowed(JSON.parse(text))).toEqual(NOBODY);
    const wrong = execFileSync(process.execPath, [ASK, orderFor({ claims: { token: "0".repeat(64) } })]).toString();
    expect(allowed(JSON.parse(wrong))).toEqual(NOBODY);
  });

  it("lets an agent ask about its own session only, whichever pid, session or token it claims", async () => {
    const own = { ...BAD, session: "app-1" };
    const other = { ...BAD, session: "app-2" };
    expect(await asAgent({ params: own })).toEqual(AGENT);
    expect(await asAgent({ params: other })).toEqual(NOBODY);
    for (const pid of [1, process.pid]) expect(await asAgent({ params: own, claims: { pid } })).toEqual(AGENT);
    expect(await asAgent({ params: own }, (command) => `env -i ${command}`)).toEqual(AGENT);
    expect(await asAgent({ params: own, claims: { sessionId: "app-2" } })).toEqual(NOBODY);
    expect(await asAgent({ params: other, claims: { sessionId: "app-2" } })).toEqual(NOBODY);
  });

  it("knows a program that an agent started, whatever it left behind", async () => {
    const out = join(box.dir, "escaped.json");
    await box.asAgent("app-1", escaped(line({ out })));
    expect(allowed(await told(out))).toEqual(NOBODY);
  });

  it("knows a program that the agents' tmux server started for an agent", async () => {
    const out = join(box.dir, "in-tmux.json");
    const words = (await box.get("attach", { session: "app-1" })).argv;
    const socket = words[words.indexOf("-S") + 1] ?? "";
    expect(existsSync(socket), words.join(" ")).toBe(true);
    const ran = await box.asAgent("app-1", `tmux -S ${quote(socket)} run-shell -b ${quote(line({ out }))}`);
    expect(ran.status, ran.stderr).toBe(0);
    expect(allowed(await told(out))).toEqual(NOBODY);
  });

  it("knows a check, which runs an agent's code", async () => {
    expect(allowed(await told(inCheck))).toEqual(NOBODY);
  });

  it("takes a report from the spool only with the proof of its session", async () => {
    const spool = join(box.home, "daemon/spool");
    const put = (name: string, fact: object) => {
      for (const folder of ["tmp", "new"]) mkdirSync(join(spool, folder), { recursive: true });
      writeFileSync(join(spool, "tmp", name), JSON.stringify(fact));
      renameSync(join(spool, "tmp", name), join(spool, "new", name));
    };
    const { stdout: proof = "" } = await box.asAgent("app-1", 'printf %s "$AO_SESSION_PROOF"');
    expect(proof).toMatch(/^[0-9a-f]{64}$/);
    const fact = { kind: "report", state: "needs_input", note: "forged" };
    put("1-none", { ...fact, session: "app-2" });
    put("2-other", { ...fact, session: "app-2", proof });
    await waitFor(
      () => readdirSync(join(box.home, "quarantine")).filter((name) => name.startsWith("spool-")).length === 2,
      {
        what: "the forged reports in quarantine",
      },
    );
    put("3-own", { ...fact, session: "app-1", note: "really", proof });
    await box.get("wait", { session: "app-1", until: ["needs_input"], timeoutMs: 10_000 });
    expect((await box.get("show", { session: "app-2" })).attention?.reason ?? "").not.toContain("forged");
  });
});
