import { type TmuxScreen, tmuxScreen } from "@agent-orchestrator/testkit/tmux-screen";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { onTestFinished } from "vitest";
import { AO, type Sandbox } from "./sandbox.ts";

/** `ao inbox` of a sandbox on a real terminal. */
export function inboxOn(box: Sandbox, { args = ["inbox"], columns = 80, rows = 24 } = {}): TmuxScreen {
  const screen = tmuxScreen({
    argv: [process.execPath, AO, ...args],
    cwd: box.repo.path,
    env: { ...box.env, LANG: "C.UTF-8", GIT_PAGER: "cat" },
    columns,
    rows,
  });
  onTestFinished(() => screen.close());
  return screen;
}

/** A key counts only some time after its row has come to its place: waits until the screen has stood still for longer than that. */
export async function settled(screen: TmuxScreen): Promise<void> {
  let seen = "";
  let since = 0;
  const isStill = () => {
    const text = screen.text();
    if (text !== seen) {
      seen = text;
      since = performance.now();
    }
    return performance.now() - since > STILL_MS;
  };
  await waitFor(isStill, { what: "a screen that stands still", timeoutMs: 30_000 });
}

/** More than `UNREAD_MS` of the inbox. */
const STILL_MS = 900;
