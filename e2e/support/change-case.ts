import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { SessionView } from "@agent-orchestrator/core/model/session-view";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import type { Change, ParamsOf, ResultOf } from "../../packages/daemon/src/requests.ts";
import { AGENT, type Sandbox, type SandboxOptions } from "./sandbox.ts";

export const file = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** How one request is asked, and how to see from outside what has come of it. */
export interface Case<N extends Change> {
  options?: SandboxOptions;
  /** Makes what the request is about, anew in each round. Returns its name: mostly a session's id. */
  prepare(box: Sandbox, round: number): Promise<string>;
  params(subject: string, box: Sandbox): ParamsOf<N>;
  /** How often it has come about: 1, once everything has settled. */
  times(box: Sandbox, subject: string): Promise<number> | number;
  /** Takes it back by other means, as somebody may before the caller asks again. Then it must not come about again. */
  undo?(box: Sandbox, subject: string): Promise<void>;
  /** What the answer to the second request must say, whenever the first one was cut short. */
  says?(data: ResultOf<N>, subject: string): unknown;
  /** It leaves no trace at the agent that could be looked at, so it may be answered with "not known". */
  isUntraceable?: true;
  /** The daemon ends by it. */
  endsDaemon?: true;
}

export const spawned = async (box: Sandbox): Promise<string> => {
  const [view] = await box.get("spawn", { words: ["app"], prompt: "Do it." });
  if (view === undefined) throw new Error("nothing was spawned");
  await waitFor(() => starts(box, view.id) === 1, { what: `the start of ${view.id}` });
  return view.id;
};
export const show = (box: Sandbox, session: string): Promise<SessionView> => box.get("show", { session });
export const count = (box: Sandbox, session: string, fits: (event: Record<string, unknown>) => boolean): number =>
  box.agentEvents().filter((event) => event.session === session && fits({ ...event })).length;
export const starts = (box: Sandbox, session: string) => count(box, session, ({ event }) => event === "start");
export const isIt = (claim: boolean): number => (claim ? 1 : 0);
export const ended = (status: string) => status === "killed";

/** The files in one folder of the project's state. */
export function filesOf(box: Sandbox, folder: string): string[] {
  const project = readdirSync(box.home).find((name) => /^[0-9a-f]{12}-app$/.test(name));
  const path = join(box.home, project ?? "none", folder);
  return existsSync(path) ? readdirSync(path).map((name) => join(path, name)) : [];
}

export interface PrFile {
  branch: string;
  isDraft: boolean;
  reviews: { body: string }[];
}
export const prsOf = async (box: Sandbox, session: string): Promise<PrFile[]> => {
  const { branch } = await show(box, session);
  return filesOf(box, "scm/prs")
    .filter((path) => /\/\d+\.json$/.test(path))
    .map((path) => JSON.parse(readFileSync(path, "utf8")) as PrFile)
    .filter((pr) => pr.branch === branch);
};

export const IDLE: SandboxOptions = { agentArgs: ["--idle"] };
/** Its turn commits, and no check holds a merge up. */
export const AT_WORK: SandboxOptions = {
  agentArgs: ["--own-file"],
  project: "    scm: { plugin: local }",
};
export const ASKING: SandboxOptions = {
  ...IDLE,
  top: `plugins:\n  - path: ${file("asking-agent.mjs")}\nagents: { careful: { plugin: asking } }`,
};

/** Two comments on its pull request are by a stranger. */
export const STRANGERS: SandboxOptions = {
  ...IDLE,
  project: "    scm: { plugin: strangers }",
  top: `plugins:\n  - path: ${file("strangers-scm.mjs")}`,
};

export async function withPr(box: Sandbox): Promise<string> {
  const id = await spawned(box);
  await box.get("wait", { session: id, until: ["review_pending"], timeoutMs: 30_000 });
  return id;
}

export const noticesOf = (box: Sandbox): string => join(box.dir, "notices.log");

/** An agent that does nothing by itself, beside the one that works. */
export const RESTING: SandboxOptions = {
  top: `agents: { resting: { plugin: command, command: ${JSON.stringify(process.execPath)}, args: ["${AGENT}", "--idle"], quietMs: 1000 } }`,
};

export const atRest = (box: Sandbox, session: string) =>
  waitFor(async () => (await show(box, session)).activity?.state === "ready", { what: `${session} at rest` });

/** A pull request whose session is gone. */
export async function abandonedPr(box: Sandbox): Promise<{ session: string; number: number }> {
  const session = await withPr(box);
  const number = (await show(box, session)).pr?.number ?? 0;
  await box.get("kill", { sessions: [session], remove: true, isConfirmed: true });
  return { session, number };
}
