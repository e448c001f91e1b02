import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { repoAt } from "@agent-orchestrator/testkit/temp-repo";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import type { Change } from "../../packages/daemon/src/requests.ts";
import {
  ASKING,
  AT_WORK,
  abandonedPr,
  atRest,
  type Case,
  count,
  ended,
  file,
  filesOf,
  IDLE,
  isIt,
  noticesOf,
  RESTING,
  show,
  spawned,
  starts,
} from "./change-case.ts";
import { PR_CASES } from "./pr-changes.ts";
import type { Sandbox } from "./sandbox.ts";

async function asking(box: Sandbox): Promise<string> {
  const [view] = await box.get("spawn", { words: ["app"], prompt: "Do it.", agent: "careful" });
  const session = view?.id ?? "";
  await box.get("wait", { session, until: ["needs_input"], timeoutMs: 20_000 });
  return session;
}

/** Every request that changes something. One that is missing here does not compile. */
export const CASES: { [N in Change]: Case<N> } = {
  spawn: {
    options: IDLE,
    prepare: async (_box, round) => `spawned in round ${round}`,
    params: (prompt) => ({ words: ["app"], prompt }),
    times: async (box, prompt) => {
      const made = (await box.get("status", { all: true })).filter(({ summary, branch }) =>
        `${summary} ${branch}`.includes(prompt.replaceAll(" ", "-")),
      );
      return Math.max(made.length, ...made.map(({ id }) => starts(box, id)));
    },
    says: (data) => data.length,
  },
  kill: {
    options: IDLE,
    prepare: spawned,
    params: (session) => ({ sessions: [session] }),
    times: async (box, session) => isIt(ended((await show(box, session)).status)),
    undo: async (box, session) => void (await box.get("restore", { session })),
    says: (data) => data.length,
  },
  restore: {
    options: IDLE,
    prepare: async (box) => {
      const session = await spawned(box);
      await box.get("kill", { sessions: [session] });
      return session;
    },
    params: (session) => ({ session }),
    times: async (box, session) => ((await show(box, session)).pid === null ? 0 : starts(box, session) - 1),
    undo: async (box, session) => void (await box.get("kill", { sessions: [session] })),
    says: (data, session) => isIt(data.id === session),
  },
  send: {
    options: IDLE,
    prepare: spawned,
    params: (session) => ({ session, text: "only once" }),
    times: (box, session) => count(box, session, ({ text }) => text === "only once"),
    says: ({ state }) => isIt(/accepted|unconfirmed|written/.test(state)),
  },
  interrupt: {
    // Without output for a long time it still counts as at work.
    options: { ...IDLE, quietMs: 600_000 },
    prepare: spawned,
    params: (session) => ({ sessions: [session] }),
    times: (box, session) => count(box, session, ({ event }) => event === "interrupt"),
    isUntraceable: true,
  },
  answer: {
    options: ASKING,
    prepare: asking,
    params: (session) => ({ session, words: "1" }),
    times: (box, session) => count(box, session, ({ choice }) => choice === "Yes"),
    says: (data) => data.filter(({ choice }) => choice === "Yes").length,
    isUntraceable: true,
  },
  handoff: {
    options: ASKING,
    prepare: spawned,
    params: (session) => ({ session, agent: "careful" }),
    times: async (box, session) => {
      const { agent, formerAgents } = await show(box, session);
      return agent === "careful" ? formerAgents.length : 0;
    },
    // Refused while the next agent is just starting.
    undo: async (box, session) =>
      void (await waitFor(async () => (await box.ask("handoff", { session, agent: "command" })).ok)),
    says: (data, session) => isIt(data.id === session),
  },
  claim: {
    options: { ...AT_WORK, ...RESTING },
    prepare: async (box) => {
      const { session: former, number } = await abandonedPr(box);
      const [view] = await box.get("spawn", { words: ["app"], prompt: `Wait for ${former}.`, agent: "resting" });
      await box.get("wait", { session: view?.id ?? "", until: ["working"], timeoutMs: 20_000 });
      await atRest(box, view?.id ?? "");
      return `${view?.id} ${number}`;
    },
    params: (subject) => ({ session: subject.split(" ")[0] ?? "", pr: subject.split(" ")[1] ?? "" }),
    times: (box, subject) =>
      count(box, subject.split(" ")[0] ?? "", ({ text }) => String(text).includes("You take over pull request")),
    says: ({ pr }, subject) => isIt(pr?.number === Number(subject.split(" ")[1])),
  },
  set: {
    options: IDLE,
    prepare: spawned,
    params: (session) => ({ session, key: "note", value: "ours" }),
    times: (box, session) =>
      filesOf(box, "sessions").filter(
        (path) => path.endsWith(`/${session}`) && /^note=ours$/m.test(readFileSync(path, "utf8")),
      ).length,
    undo: async (box, session) => void (await box.get("set", { session, key: "note", value: "theirs" })),
    says: (data, session) => isIt(data.id === session),
  },
  snooze: {
    options: ASKING,
    prepare: asking,
    params: (session) => ({ session, until: new Date(Date.now() + 3_600_000).toISOString() }),
    times: async (box, session) => isIt((await show(box, session)).snoozedUntil !== null),
    undo: async (box, session) => void (await box.get("snooze", { session, until: null })),
    says: (data, session) => isIt(data.id === session),
  },
  pause: {
    options: IDLE,
    prepare: spawned,
    params: (target) => ({ target, isPaused: true }),
    times: async (box, session) => isIt((await show(box, session)).isPaused),
    undo: async (box, target) => void (await box.get("pause", { target, isPaused: false })),
    says: ({ isPaused }) => isIt(isPaused),
  },
  report: {
    options: IDLE,
    prepare: spawned,
    params: (session) => ({ session, state: "needs_input", note: "which one?" }),
    times: async (box, session) => isIt((await show(box, session)).status === "needs_input"),
    undo: async (box, session) => void (await box.get("report", { session, state: "working" })),
    says: (data, session) => isIt(data.session === session),
  },
  ...PR_CASES,
  cleanup: {
    options: { ...IDLE, top: "cleanup: { killed: 4s }" },
    prepare: async (box) => {
      const session = await spawned(box);
      await box.get("kill", { sessions: [session] });
      const [planned] = await box.get("cleanup", { isDryRun: true });
      // While no daemon runs it becomes due, and the next one waits as long again before it removes it by itself.
      await box.kill9();
      const dueAtMs = Date.parse(planned?.dueAt ?? "");
      await waitFor(() => Date.now() > dueAtMs + 500, { timeoutMs: 10_000, what: "the time" });
      await box.start({ AO_FAILPOINT_FILE: join(box.dir, "failpoint") });
      return session;
    },
    params: () => ({ isConfirmed: true }),
    times: async (box, session) => isIt((await show(box, session)).isArchived),
    says: (data, session) => data.filter((row) => row.session === session && row.isDone).length,
  },
  forget: {
    options: IDLE,
    prepare: async (box) => {
      await box.trust();
      return await spawned(box);
    },
    params: (_session, box) => ({ target: box.repo.path, isConfirmed: true }),
    times: async (box, session) => {
      const isKnown = (await box.get("projects", {})).some(({ id }) => id === "app");
      return isIt(!isKnown && (await show(box, session)).isArchived);
    },
    says: ({ configPath, sessions }, session) =>
      isIt(configPath !== null && sessions.some((row) => row.session === session && row.problem === null)),
  },
  uninstall: {
    options: IDLE,
    prepare: async (box) => {
      await box.trust();
      return await spawned(box);
    },
    params: () => ({ isConfirmed: true }),
    times: async (box, session) => isIt((await show(box, session)).isArchived && box.worktrees().length === 0),
    says: ({ configs, sessions }, session) =>
      isIt(configs.length === 1 && sessions.some((row) => row.session === session && row.problem === null)),
  },
  trust: {
    options: IDLE,
    prepare: async (box, round) => {
      box.configure({ ...IDLE, project: `    postCreate: ["true # ${round}"]` });
      await waitFor(async () => !(await box.get("trust", { isDryRun: true })).isTrusted, { what: "the change" });
      return `${round}`;
    },
    params: () => ({}),
    times: async (box) => isIt((await box.get("trust", { isDryRun: true })).isTrusted),
    says: ({ isTrusted }) => isIt(isTrusted),
  },
  init: {
    options: IDLE,
    prepare: async (box, round) => {
      const path = join(box.dir, `fresh-${round}`);
      repoAt(path, { "README.md": "# fresh\n" });
      return path;
    },
    params: (path) => ({ path }),
    times: async (box, path) =>
      (await box.get("projects", {})).filter(({ configPath }) => dirname(configPath) === path).length,
    says: ({ text, path }) => isIt(readFileSync(path, "utf8") === text),
  },
  "notify-test": {
    options: {
      ...IDLE,
      top: `plugins:\n  - path: ${file("../agents/support/notifier.mjs")}\nnotifiers: { lines: { plugin: lines, path: NOTICES } }`,
    },
    prepare: async (box) => {
      writeFileSync(noticesOf(box), "");
      return "lines";
    },
    params: (channel) => ({ channel }),
    times: (box) =>
      readFileSync(noticesOf(box), "utf8")
        .split("\n")
        .filter((line) => line !== "").length,
    isUntraceable: true,
  },
  doctor: {
    options: IDLE,
    prepare: async (box, round) => {
      // A folder in the place of checkouts that belongs to no session stays. What doctor fixes, it fixes for good.
      const path = join(box.dir, `nothing-${round}`);
      mkdirSync(path);
      return path;
    },
    params: () => ({ fix: true }),
    times: (_box, path) => isIt(existsSync(path)),
    says: (data) => isIt(data.length > 0),
  },
  stop: {
    options: IDLE,
    prepare: spawned,
    params: () => ({ sessions: true, isConfirmed: true }),
    times: async (box, session) => isIt(ended((await show(box, session)).status) && starts(box, session) === 1),
    says: ({ sessionsEnded }) => sessionsEnded,
    endsDaemon: true,
  },
  replace: {
    options: IDLE,
    prepare: async (_box, round) => `${round}`,
    params: () => ({}),
    times: () => 1,
    says: ({ replaced }) => isIt(replaced),
    endsDaemon: true,
  },
};
