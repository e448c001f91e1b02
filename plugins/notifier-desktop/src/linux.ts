import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { AoError } from "@agent-orchestrator/core/model/errors";
import { exec } from "@agent-orchestrator/plugin-kit/exec";
import type { Sender } from "./sender.ts";
import { escapeMarkup, type Notice } from "./wording.ts";

const DEADLINE_MS = 5_000;

/** Calls `notify-send` with an argument list. node-notifier would start it through a shell. */
export function linuxSender(env: Record<string, string>): Sender {
  return {
    async send(notice, signal) {
      const problem = obstacle(env);
      if (problem !== null) throw new AoError("UNAVAILABLE", problem.text, { hint: problem.hint });
      try {
        await exec("notify-send", argv(notice), {
          env,
          timeoutMs: DEADLINE_MS,
          ...(signal === undefined ? {} : { signal }),
        });
      } catch (error) {
        signal?.throwIfAborted();
        throw unreachable(error);
      }
    },
    async check(signal) {
      signal?.throwIfAborted();
      const problem = obstacle(env);
      if (problem !== null) return { ok: false, ...problem };
      const server = await serverName(env, signal);
      if (server !== null) return { ok: true, text: `desktop notifications through ${server}` };
      return { ok: false, text: "no program shows desktop notifications on this session's bus", hint: NO_SERVER_HINT };
    },
  };
}

/** `--` ends the options. What follows is text, whatever it starts with. */
export function argv({ title, body, urgency }: Notice): string[] {
  return ["--app-name=ao", `--urgency=${urgency}`, "--", title, escapeMarkup(body)];
}

const NO_SERVER_HINT = "Start your desktop's notification service, or configure another notifier.";

interface Obstacle {
  text: string;
  hint: string;
}

/** Why no notification would be seen, judging by the environment. */
function obstacle(env: Record<string, string>): Obstacle | null {
  const hasBus =
    (env.DBUS_SESSION_BUS_ADDRESS ?? "") !== "" ||
    (env.XDG_RUNTIME_DIR !== undefined && existsSync(join(env.XDG_RUNTIME_DIR, "bus")));
  const hasDisplay = (env.DISPLAY ?? "") !== "" || (env.WAYLAND_DISPLAY ?? "") !== "";
  const isRemote = env.SSH_CONNECTION !== undefined || env.SSH_TTY !== undefined;
  // A bus without a display may still belong to a desktop (if the daemon was started at login), but not in an SSH login.
  if (!hasBus || (!hasDisplay && isRemote)) {
    return {
      text: `no desktop available: ${hasBus ? "this is a remote login" : "there is no session bus"}`,
      hint: "Notifications ring the bell in open `ao status --watch` and attached terminals. Or configure another notifier.",
    };
  }
  if (isOnPath("notify-send", env)) return null;
  return {
    text: "notify-send is not installed",
    hint: "Install the package `libnotify-bin` (Debian, Ubuntu) or `libnotify`.",
  };
}

function isOnPath(program: string, env: Record<string, string>): boolean {
  return (env.PATH ?? "").split(delimiter).some((dir) => {
    try {
      accessSync(join(dir, program), constants.X_OK);
      return true;
    } catch {
      return false; // Not in this folder.
    }
  });
}

function unreachable(cause: unknown): AoError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new AoError("UNAVAILABLE", `the desktop did not take the notification: ${reason}`, {
    hint: NO_SERVER_HINT,
    cause,
  });
}

/** Asks the notification server for its name, without showing anything. Null if there is none. */
async function serverName(env: Record<string, string>, signal?: AbortSignal): Promise<string | null> {
  if (!isOnPath("dbus-send", env)) return "notify-send (not tried)";
  try {
    const { stdout } = await exec(
      "dbus-send",
      [
        ...["--session", "--print-reply", "--reply-timeout=2000", "--dest=org.freedesktop.Notifications"],
        ...["/org/freedesktop/Notifications", "org.freedesktop.Notifications.GetServerInformation"],
      ],
      { env, timeoutMs: DEADLINE_MS, ...(signal === undefined ? {} : { signal }) },
    );
    return /string "([^"]*)"/.exec(stdout)?.[1] ?? "an unnamed server";
  } catch {
    signal?.throwIfAborted();
    return null; // No service has that name on the bus, or there is no bus. The answer is the same.
  }
}
