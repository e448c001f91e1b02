import { execFileSync } from "node:child_process";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { SessionView } from "@agent-orchestrator/core/model/session-view";
import type { Context } from "../command.ts";
import { statusLines } from "../output/status-text.ts";
import { followEvents } from "./follow.ts";
import type { Stage } from "./stage.ts";
import type { Story } from "./story.ts";

interface Cast {
  stage: Stage;
  story: Story;
  /** A context with the daemon of the stage. */
  ao: Context;
}

const REVIEW = {
  body: "Good that it is small. Two things before it goes in:",
  comments: [
    { path: "src/money.js", line: 1, body: "`conv` says nothing: call it `formatEuro`." },
    { path: "src/money.js", line: 2, body: "A refund comes out as `€-0.50`. The minus belongs in front." },
  ],
};

const PATIENCE_S = 45;

/** Three issues, three agents, one reviewer (the user, played by this program), three merges. Returns how they ended. */
export async function play(cast: Cast): Promise<SessionView[]> {
  const { ao, story } = cast;
  await ao.ask("trust", {});
  story.say("$ ao spawn 1 2 3          three issues, three agents, each in its own worktree and terminal");
  const events = followEvents(cast);
  try {
    const spawned = await ao.ask("spawn", { words: ["1", "2", "3"] });
    await showStatus(cast);
    story.say("Now the daemon watches agents, branches and CI. `you` are the reviewer, played by this program:");
    const [first, second, third] = spawned.data.map(({ id }) => id) as [string, string, string];
    await Promise.all([approveWhenGreen(cast, first), approveWhenGreen(cast, second), reviewTwice(cast, third)]);
    await showStatus(cast);
    story.say("Your turn. What is approved and green is ready for `ao merge`.");
    for (const id of [first, second, third]) await merge(cast, id);
  } finally {
    await events.stop();
  }
  const sessions = await showStatus(cast);
  verify(cast);
  return sessions;
}

async function reach(cast: Cast, id: string, until: (view: SessionView) => boolean): Promise<SessionView> {
  const end = cast.story.seconds + PATIENCE_S;
  for (;;) {
    const { data } = await cast.ao.ask("show", { session: id });
    if (until(data)) return data;
    if (["errored", "killed", "terminated"].includes(data.status) || cast.story.seconds > end) {
      throw new AoError("FAILED", `the demo did not go as planned: ${id} is ${data.status}`, {
        hint: "Please report this, with the folder that `ao demo --keep` keeps.",
      });
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

const isGreen = ({ pr }: SessionView): boolean => pr?.ci === "passing";

async function approveWhenGreen(cast: Cast, id: string): Promise<void> {
  await reach(cast, id, isGreen);
  await approve(cast, id);
}

async function approve({ ao, story }: Cast, id: string): Promise<void> {
  story.event("you", `ao review ${id} --approve`);
  await ao.ask("review", { session: id, state: "approved" });
}

async function reviewTwice(cast: Cast, id: string): Promise<void> {
  const { headSha } = (await reach(cast, id, isGreen)).pr ?? {};
  cast.story.event(
    "you",
    `ao review ${id} --request-changes -m "${REVIEW.body}" --at src/money.js:1=… --at src/money.js:2=…`,
  );
  await cast.ao.ask("review", { session: id, state: "changes_requested", ...REVIEW });
  await reach(cast, id, (view) => isGreen(view) && view.pr?.headSha !== headSha);
  await approve(cast, id);
}

async function merge(cast: Cast, id: string): Promise<void> {
  await reach(cast, id, ({ status }) => status === "mergeable");
  cast.story.event("you", `ao merge ${id} --yes`);
  await cast.ao.ask("merge", { session: id, isConfirmed: true });
}

async function showStatus({ ao, story }: Cast): Promise<SessionView[]> {
  const { data, meta } = await ao.ask("status", { all: true });
  const look = { columns: ao.io.columns() - 4, nowMs: ao.io.now(), colour: story.colour };
  story.say("$ ao status");
  story.table(statusLines({ sessions: data, meta: { limits: meta.limits } }, look));
  return data;
}

/** Checks main with the project's own tests, instead of trusting the daemon. */
function verify({ stage, story }: Cast): void {
  if (stage.forge !== null) stage.git("pull", "--quiet", "--ff-only", "origin", "main");
  story.say("$ git log --oneline --first-parent main && npm test       on main, to be sure");
  story.table(stage.git("log", "--oneline", "--first-parent", "main").trim().split("\n"));
  const output = execFileSync("npm", ["test", "--silent"], {
    cwd: stage.project,
    env: stage.env,
    encoding: "utf8",
    stdio: "pipe",
  });
  const passed = /^# pass (\d+)$/m.exec(output)?.[1] ?? /pass (\d+)/.exec(output)?.[1] ?? "all";
  const dirty = stage.git("status", "--porcelain", "--untracked-files=no", "--", "src", "test").trim();
  if (dirty !== "") throw new AoError("FAILED", "the checkout of main differs from what was merged");
  story.event("main", `${passed} tests pass, and the three issues are closed`);
}
