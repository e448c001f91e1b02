import { AoError } from "@agent-orchestrator/core/model/errors";
import type { CommandSpec, Context, Run } from "../command.ts";
import { pingDaemon } from "../connect/connect.ts";
import { daemonArgv, daemonEnv } from "../connect/start-daemon.ts";
import { runChild } from "../output/child.ts";
import { localTime } from "../output/format.ts";

export const spec: CommandSpec = {
  name: "start",
  group: "set-up",
  position: 10,
  summary: "Start the daemon (other commands do this when they need it)",
  options: [
    { flags: "--foreground", text: "run in this terminal, for supervisors" },
    { flags: "--at-login", text: "start it at every login (systemd user unit or launchd)" },
  ],
  examples: [
    ["ao start", "start it, or show that it is running"],
    ["ao start --at-login", "from the next login on"],
  ],
};

export const run: Run = async (input, context) => {
  if (input.flag("at-login")) {
    const { startAtLogin } = await import("../output/at-login.ts");
    return await startAtLogin(context);
  }
  if (input.flag("foreground")) return await foreground(context);
  const { data, meta } = await context.ask("ping", {});
  const since = localTime(data.startedAt);
  context.show(data, () => `the daemon is running (pid ${data.pid}, ${data.build}, since ${since})\n`, meta);
  return 0;
};

/** Runs the daemon as our child on our terminal. Signals of a supervisor are passed on to it. */
async function foreground({ io, home }: Context): Promise<number> {
  const running = await pingDaemon({ io, home });
  if (running !== null) {
    throw new AoError("REFUSED", `a daemon is already running (pid ${running.pid})`, {
      hint: "Run `ao stop` first. The agents keep running.",
    });
  }
  const { status } = await runChild(daemonArgv(io), { env: daemonEnv(io, home) });
  return status;
}
