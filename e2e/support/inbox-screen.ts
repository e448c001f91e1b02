import { type TmuxScreen, tmuxScreen } from "@agent-orchestrator/testkit/tmux-screen";
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

/** A key counts only some time after its row has come to its place: that time. */
export const settled = () => new Promise((resolve) => setTimeout(resolve, 800));
