import type { CommandSpec } from "../command.ts";

export const DAEMON_COMMANDS: readonly CommandSpec[] = [
  {
    name: "start",
    group: "set-up",
    summary: "start the daemon (every command does that by itself)",
    options: [
      { flags: "--foreground", text: "stay in this terminal, for supervisors" },
      { flags: "--at-login", text: "start it at every login (systemd user unit, launchd)" },
    ],
    examples: [
      ["ao start", "and say what runs"],
      ["ao start --at-login", "from now on"],
    ],
    load: () => import("../commands/start.ts"),
  },
  {
    name: "stop",
    group: "set-up",
    summary: "stop the daemon; agents live on and are taken up again",
    options: [{ flags: "--sessions", text: "end the agents too" }],
    examples: [["ao stop", "agents go on"]],
    load: () => import("../commands/stop.ts"),
  },
  {
    name: "restart",
    group: "set-up",
    summary: "stop the daemon and start it again, agents untouched",
    examples: [["ao restart", "after a change of its environment"]],
    load: () => import("../commands/restart.ts"),
  },
  {
    name: "logs",
    group: "set-up",
    summary: "the daemon's own log",
    options: [
      { flags: "-f, --follow", text: "go on as it grows" },
      { flags: "-n, --lines <count>", text: "the last so many (100)" },
    ],
    examples: [["ao logs --follow", "watch it"]],
    load: () => import("../commands/logs.ts"),
  },
];
