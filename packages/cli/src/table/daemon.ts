import type { CommandSpec } from "../command.ts";

export const DAEMON_COMMANDS: readonly CommandSpec[] = [
  {
    name: "start",
    group: "set-up",
    summary: "Start the daemon (other commands do this when they need it)",
    options: [
      { flags: "--foreground", text: "run in this terminal, for supervisors" },
      { flags: "--at-login", text: "start it at every login (systemd user unit or launchd)" },
    ],
    examples: [
      ["ao start", "start it, or show that it is running"],
      ["ao start --at-login", "from the next login on"],
    ],
    load: () => import("../commands/start.ts"),
  },
  {
    name: "stop",
    group: "set-up",
    summary: "Stop the daemon and leave the agents running",
    details:
      "The next daemon picks the agents up again. A daemon that does not answer is found by its lock: one that a signal has stopped is continued first, and one that still does not answer is ended by SIGTERM, and after 25 seconds by SIGKILL.",
    options: [{ flags: "--sessions", text: "stop the agents too" }],
    examples: [
      ["ao stop", "agents keep running"],
      ["ao stop --sessions --yes", "stop everything, without asking"],
    ],
    load: () => import("../commands/stop.ts"),
  },
  {
    name: "restart",
    group: "set-up",
    summary: "Restart the daemon and leave the agents running",
    examples: [["ao restart", "after its environment has changed"]],
    load: () => import("../commands/restart.ts"),
  },
  {
    name: "logs",
    group: "set-up",
    summary: "Print the daemon's log",
    options: [
      { flags: "-f, --follow", text: "print new lines as they come" },
      { flags: "-n, --lines <count>", text: "number of lines from the end (100)" },
    ],
    examples: [["ao logs --follow", "follow the log"]],
    load: () => import("../commands/logs.ts"),
  },
];
