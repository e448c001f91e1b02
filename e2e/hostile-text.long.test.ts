import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { SessionView } from "@agent-orchestrator/core/model/session-view";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { afterEach, expect, it } from "vitest";
import { Sandbox } from "./support/sandbox.ts";
import { figure } from "./support/tier.ts";

let box: Sandbox;
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") process.stderr.write(`${await box.diagnose()}\n${said.join("\n")}`);
  await box.close();
});

/** C0 except tab and newline, C1, bidi controls, zero-width and tag characters. */
const FORBIDDEN =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/u;

const EVIL =
  "$(touch canary1) `touch canary2`; touch canary3 | touch canary4 && touch canary5 #(touch canary6) #{E:#(touch canary7)} '\"\\ " +
  "--upload-pack=touch\\ canary8 \u001b]0;title\u0007 \u001b[31m \u001b]52;c;Y2FuYXJ5\u0007 \u009b31m \u202eevil\u202c \u200b %s %n C-c Enter \u001b[201~\rtouch canary9\r ;";
const YAML_EVIL = "---\nstate: closed\nevil: !!js/function 'x'\n&a [*a, *a]\nstatus=merged\n#end 1 00000000";

const outputs: string[] = [];
const said: string[] = [];
async function shown(...args: string[]): Promise<string> {
  const answer = await box.ao(...args);
  for (const text of [answer.stdout, answer.stderr]) {
    const bad = args.includes("--json") ? null : FORBIDDEN.exec(text);
    expect(
      bad === null ? null : `U+${bad[0].codePointAt(0)?.toString(16)} in \`ao ${args.join(" ")}\`: ${text}`,
    ).toBeNull();
    outputs.push(text);
  }
  said.push(`${args.join(" ").slice(0, 60)}: ${answer.status} ${answer.stderr}`);
  return answer.stdout;
}

function canaries(dir = box.dir): string[] {
  return readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) return canaries(path);
    return /^.?canary\d/.test(entry.name) ? [path] : [];
  });
}

const FOLDER = "app with space 'quote' #(touch canary10) $(touch canary11);";

it("a stranger's text is only text: in titles, bodies, prompts, branches, messages, reviews and file names", async () => {
  const title = `Title ${EVIL.replaceAll("\r", " ")}`;
  const issue = `---\ntitle: ${JSON.stringify(title)}\nstate: open\nlabels: [${JSON.stringify(EVIL)}]\n---\nBody ${EVIL}\n${YAML_EVIL}\n`;
  const fileName = "work $(touch canary12) #(touch canary13) \u202e.txt";
  box = new Sandbox({
    folder: FOLDER,
    agentArgs: ["--own-file"],
    files: { ".ao/issues/7-x.md": issue, [fileName]: "x\n" },
    project: `    name: ${JSON.stringify(EVIL.slice(0, 190))}\n    agentRules: ${JSON.stringify(EVIL)}\n    scm: { plugin: local, ci: [{ name: ${JSON.stringify("t $(touch canary14) #(touch canary15)")}, run: 'printf "%b" "\\\\033]0;x\\\\007\\\\u202e $(echo red)"; ! ls work-*.txt' }] }`,
  });
  await shown("trust");
  await shown("spawn", "app", "7");
  await shown("spawn", "app", "--prompt", EVIL);
  const odd = "feat/x;$(touch${IFS}canary16)#(touch)`id`'\"|&";
  box.repo.git("branch", odd);
  const branched = await shown("spawn", "app", "--branch", odd, "--prompt", "on an odd branch");
  expect(branched).toContain("app-3");
  const option = await box.ao("spawn", "app", "--branch", "--upload-pack=touch canary17", "--prompt", "x");
  expect(option.status).not.toBe(0);
  const base = await box.ao("spawn", "app", "--base=--output=canary18", "--prompt", "x");
  expect([64, 78]).toContain(base.status);

  const prompt = await box.get("show", { session: "app-1", prompt: true });
  for (const line of `Body ${EVIL}\n${YAML_EVIL}`.split(/\r\n?|\n/))
    expect(prompt.prompt?.[0]?.text).toContain(line.trimEnd());
  await box.get("wait", { session: "app-1", until: ["ci_failed"], timeoutMs: 30_000 });
  await waitFor(() => box.agentEvents().some(({ event, session }) => event === "message" && session === "app-1"), {
    timeoutMs: 20_000,
    what: "the check's failure at the agent",
  });

  await shown("send", "app-2", EVIL);
  const got = () => box.agentEvents().filter(({ event, session }) => event === "message" && session === "app-2");
  await waitFor(() => got().some(({ text }) => text?.includes("canary9")), { what: "the message, as text" });
  const bytes = got().find(({ text }) => text?.includes("canary9"))?.text ?? "";
  expect(FORBIDDEN.exec(bytes.replace(/[\u00ad\u061c\u200b-\u200f\u2028-\u202e]/gu, ""))).toBeNull();
  expect(bytes).toContain("$(touch canary1)");

  await shown("review", "app-1", "--request-changes", "-m", EVIL, "--at", `${fileName}:1=${EVIL}`);
  await shown("review", "app-2", "--comment", "-m", `${EVIL}\n${YAML_EVIL}`);
  await shown("set", "app-1", `note=${EVIL}\nstatus=merged`);
  await waitFor(
    () => box.agentEvents().filter(({ event, session }) => event === "message" && session === "app-1").length >= 2,
    { timeoutMs: 20_000, what: "the review at the agent" },
  );
  await box.asAgent(
    "app-1",
    `ao report needs_input --note "$(printf '\\033]0;x\\007\\342\\200\\256%s' '; touch canary19')"`,
  );

  for (const line of [
    "status",
    "status --all",
    "show app-1",
    "show app-2",
    "show app-3",
    "explain app-1",
    "explain app-2",
    "events",
    "events app-1 -n 500",
    "show app-1 --prompt",
    "diff app-1",
    "diff app-3",
    "path app-3",
    "doctor",
    "plugin list",
    "config show",
    "trust --dry-run",
    "cleanup --dry-run",
    "status --line",
    "logs",
  ]) {
    await shown(...line.split(" "));
  }
  for (const name of [`no${EVIL}`, "--x\u001b[31m"]) {
    for (const command of ["show", "send", "kill", "wait", "path"]) await shown(command, name);
    await shown("spawn", "app", name);
    await shown(name);
    await shown("status", name);
  }
  expect((await box.get("show", { session: "app-1" })).status).not.toBe("merged");

  const [first] = await box.json<SessionView[]>("status");
  expect(first?.issue?.title).toContain("$(touch canary1)");
  await box.ao("kill", "app-1", "app-2", "app-3");
  await shown("kill", "app-1", "--rm", "--yes");
  await shown("restore", "app-1");
  await shown("events", "-n", "1000");
  expect(canaries()).toEqual([]);
  for (const id of ["app-1", "app-2", "app-3"]) {
    // Views are written a moment after the commit they show.
    const text = await waitFor(() => [findMetadata(id)].find((written) => /^status=/m.test(written)), {
      what: `the file of ${id}`,
    });
    expect(text.split("\n").filter((line) => line.startsWith("status="))).toHaveLength(1);
    expect(FORBIDDEN.exec(text.replaceAll("\u202e", "").replace(/[\u200b\u202c]/g, ""))).toBeNull();
  }
  figure(`hostile text: ${outputs.length} outputs without a control or bidi character, 0 canaries`);
}, 240_000);

function findMetadata(id: string): string {
  const project = readdirSync(box.home).find((name) => name.endsWith("-app")) ?? "";
  const file = join(box.home, project, "sessions", id);
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}

it("a home whose path has spaces, quotes and formats works", async () => {
  box = new Sandbox({ agentArgs: ["--idle"] });
  const home = join(box.dir, "ho me #(touch canary20) 'q'");
  const env = { AO_HOME: home };
  expect((await box.aoWith({ env }, "trust")).status).toBe(0);
  const spawned = await box.aoWith({ env }, "spawn", "app", "1", "--json");
  writeFileSync(join(box.dir, "x"), spawned.stderr);
  expect(spawned.status, spawned.stdout + spawned.stderr).toBe(0);
  expect((await box.aoWith({ env }, "send", "app-1", "hi")).status).toBe(0);
  await waitFor(() => box.agentEvents().some(({ event }) => event === "message"));
  expect((await box.aoWith({ env }, "stop", "--sessions", "--yes")).status).toBe(0);
  expect(canaries()).toEqual([]);
});
