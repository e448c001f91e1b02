import { AoError } from "@agent-orchestrator/core/model/errors";
import type { Session } from "@agent-orchestrator/core/slots/common";
import type { OpenOptions, Terminal } from "@agent-orchestrator/core/slots/terminal";
import { exec } from "@agent-orchestrator/plugin-kit/exec";
import { shellJoin } from "@agent-orchestrator/plugin-kit/quote";

/** Marks a window with its session. */
const MARK = "@ao_opens";
const TIMEOUT_MS = 5_000;

/** Opens sessions in windows of the tmux in which `ao open` was typed, and goes to the window of one that is open. */
export function tmuxWindows(): Terminal {
  const openOne = async (session: Session, options: OpenOptions): Promise<void> => {
    const open = await windowOf(session, options);
    if (open !== null) return void (await tmux(options, "select-window", "-t", open));
    const { argv, env } = await options.attach(session);
    const variables = Object.entries(env).flatMap(([name, value]) => ["-e", `${name}=${value}`]);
    const created = ["new-window", "-P", "-F", "#{window_id}", "-n", session.id, ...variables];
    const window = await tmux(options, ...created, shellJoin(argv));
    await tmux(options, "set-option", "-w", "-t", window, MARK, session.id);
    // Its name stays, whatever runs in it.
    await tmux(options, "set-option", "-w", "-t", window, "automatic-rename", "off");
  };
  return {
    name: "tmux",
    openSession: openOne,
    async openAll(sessions, options) {
      for (const session of sessions) await openOne(session, options);
    },
    isSessionOpen: async (session, options) => (await windowOf(session, options)) !== null,
  };
}

async function windowOf({ id }: Session, options: OpenOptions): Promise<string | null> {
  const rows = (await tmux(options, "list-windows", "-F", `#{window_id} #{${MARK}}`)).split("\n");
  return rows.find((row) => row.split(" ")[1] === id)?.split(" ")[0] ?? null;
}

/** `TMUX` is the socket, the server's pid and the session's number, with commas between them. */
async function tmux({ env, signal }: OpenOptions, ...args: string[]): Promise<string> {
  const socket = env.TMUX?.split(",")[0] ?? "";
  if (socket === "") {
    throw new AoError("UNAVAILABLE", "this is not inside tmux, so there is no tmux to open a window in", {
      hint: "Run it within tmux, or attach here with `ao attach`.",
    });
  }
  const call = { env, timeoutMs: TIMEOUT_MS, title: "tmux", ...(signal === undefined ? {} : { signal }) };
  return (await exec("tmux", ["-S", socket, ...args], call)).stdout.trim();
}
