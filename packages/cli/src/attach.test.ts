import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { makeTempDir, removeDir, tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { fakeDaemon } from "./testing/fake-daemon.ts";
import { buildAo } from "./testing/run-ao.ts";

const bundle = makeTempDir("ao-cli");
let ao = "";
beforeAll(async () => {
  ao = await buildAo(bundle);
});
afterAll(() => removeDir(bundle));

/** A separate tmux server, with these settings. */
function tmuxServer(...settings: string[][]) {
  const socket = join(tempDir("ao-tmux"), "s");
  const env = { PATH: process.env.PATH ?? "", HOME: "/nonexistent", LANG: "C.UTF-8", SHELL: "/bin/sh" };
  const tmux = (...args: string[]): string =>
    execFileSync("tmux", ["-S", socket, "-f", "/dev/null", ...args], { encoding: "utf8", stdio: "pipe", env });
  onTestFinished(() => void tmux("kill-server"));
  return {
    tmux,
    argv: (...args: string[]) => ["env", "-u", "TMUX", "-u", "TMUX_PANE", "tmux", "-S", socket, ...args],
    open(command: string) {
      tmux("new-session", "-d", "-x", "120", "-y", "30", "sh");
      tmux("set-option", "-g", "remain-on-exit", "on");
      for (const setting of settings) tmux(...setting);
      tmux("respawn-pane", "-k", command);
    },
    /** Types as slowly as a person. Keys within a millisecond count as a paste, which has no prefix keys. */
    press: (key: string) => void tmux("send-keys", key),
    screen: () => tmux("capture-pane", "-p", "-S", "-"),
  };
}

/** `ao attach` in a pane of `outer`, to the daemon's tmux, whose prefix is C-b. */
async function attachInside(outer: ReturnType<typeof tmuxServer>) {
  const home = tempDir();
  const inner = tmuxServer();
  inner.open("echo the agent; exec cat");
  await fakeDaemon(home, {
    attach: () => ({
      ...{ argv: inner.argv("attach-session"), env: {}, title: "T" },
      ...{ detachHint: "Press Ctrl-b d to leave.", detachKeys: ["C-b", "d"] },
    }),
  });
  // The fake daemon lives in this process, and tmux is called synchronously, so the pane's own program must not wait for us.
  outer.open(`env AO_HOME=${home} HOME=${home} ${process.execPath} ${ao} attach app-1; echo "left $?"; exec cat`);
  await waitFor(() => outer.screen().includes("the agent"), { what: "the inner terminal", timeoutMs: 30_000 });
  return { inner };
}

describe("attach inside the user's own tmux", () => {
  it.each([
    ["the same prefix as ours", { settings: [], words: "Press Ctrl-b Ctrl-b d to leave", keys: ["C-b", "C-b", "d"] }],
    [
      "the same prefix, sent through by another key",
      {
        settings: [
          ["unbind-key", "C-b"],
          ["bind-key", "b", "send-prefix"],
        ],
        words: "Press Ctrl-b b d to leave",
        keys: ["C-b", "b", "d"],
      },
    ],
    [
      "another prefix",
      { settings: [["set-option", "-g", "prefix", "C-a"]], words: "Press Ctrl-b d to leave", keys: ["C-b", "d"] },
    ],
    [
      "ours as its second prefix",
      {
        settings: [
          ["set-option", "-g", "prefix", "C-a"],
          ["set-option", "-g", "prefix2", "C-b"],
          ["bind-key", "C-b", "send-prefix", "-2"],
        ],
        words: "Press Ctrl-a Ctrl-b d to leave",
        keys: ["C-a", "C-b", "d"],
      },
    ],
  ])("names the keys that leave the inner terminal only: %s", async (_, { settings, words, keys }) => {
    const outer = tmuxServer(...settings);
    await attachInside(outer);
    const outerClient = tmuxServer();
    outerClient.open(outer.argv("attach-session").join(" "));
    await waitFor(() => outerClient.screen().includes("the agent"), { what: "the outer terminal" });
    for (const key of keys) outerClient.press(key);
    await waitFor(() => outer.screen().includes("left 0"), { what: "the way out" });
    expect(outer.screen()).toContain(words);
    expect(outer.tmux("list-clients")).not.toBe("");
  });

  it("says how else to leave if the prefix cannot be sent through", async () => {
    const outer = tmuxServer(["unbind-key", "C-b"]);
    const { inner } = await attachInside(outer);
    inner.tmux("detach-client", "-t", inner.tmux("list-clients", "-F", "#{client_name}").trim());
    await waitFor(() => outer.screen().includes("left 0"), { what: "the way out" });
    expect(outer.screen()).toContain("Your tmux takes Ctrl-b for itself");
  });
});
