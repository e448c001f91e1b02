import { existsSync } from "node:fs";
import { basename } from "node:path";
import { newId } from "@agent-orchestrator/core/host/ids";
import { AoError, isAoError } from "@agent-orchestrator/core/model/errors";
import type { NotificationDocument } from "@agent-orchestrator/core/model/notification";
import { toIso } from "@agent-orchestrator/core/model/time";
import type { PluginContext } from "@agent-orchestrator/core/slots/common";
import type { Notifier } from "@agent-orchestrator/core/slots/notifier";
import { exec } from "@agent-orchestrator/plugin-kit/exec";
import { documentOf, documentOfText, line } from "@agent-orchestrator/plugin-kit/notice";
import { findProgram } from "@agent-orchestrator/plugin-kit/program";
import { eventVariables } from "./environment.ts";
import type { Options } from "./options.ts";

/** How long a program has to end by itself after TERM. */
const GRACE_MS = 500;
/** Of what it prints, which nobody reads but the last line of an error. */
const MAX_OUTPUT_BYTES = 1 << 20;

/** Starts the program of the config for each event, with the event on its standard input and in its environment. */
export function commandNotifier(options: Options, context: Pick<PluginContext, "env" | "clock">): Notifier {
  const run = (event: NotificationDocument, signal: AbortSignal | undefined) => start(options, context, event, signal);
  return {
    name: "command",
    notify: (event, call) => run(documentOf(event), call?.signal),
    notifyWithActions: (event, actions, call) => run(documentOf(event, actions), call?.signal),
    async post(message, about, call) {
      const now = { id: newId(), ts: toIso(context.clock.now()) };
      await run(documentOfText(message, { ...about, ...now }), call?.signal);
      return null;
    },
    preview: (event) => JSON.stringify(documentOf(event)),
    async check(call) {
      call?.signal?.throwIfAborted();
      const found = findProgram(options.command, context.env());
      if (found !== null) return { ok: true, text: `notifications through ${found}` };
      return { ok: false, text: `${options.command} is not an executable program`, hint: missingHint };
    },
  };
}

const missingHint =
  "Check `command` in the notifier's options. It must be on PATH or an absolute path, and executable.";

async function start(...[options, context, event, signal]: Starting): Promise<void> {
  signal?.throwIfAborted();
  const env = context.env();
  const program = findProgram(options.command, env);
  if (program === null) {
    throw new AoError("UNAVAILABLE", `${options.command} is not an executable program`, { hint: missingHint });
  }
  // Arguments may contain whatever the config says, so no message names them.
  const title = line(basename(program), 100);
  try {
    await exec(program, options.args, {
      env: { ...env, ...eventVariables(event) },
      cwd: env.HOME !== undefined && existsSync(env.HOME) ? env.HOME : "/",
      input: `${JSON.stringify(event)}\n`,
      timeoutMs: options.timeout,
      graceMs: GRACE_MS,
      maxBytes: MAX_OUTPUT_BYTES,
      title,
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    signal?.throwIfAborted();
    throw failureOf(error, title);
  }
}

type Starting = [Options, Pick<PluginContext, "env" | "clock">, NotificationDocument, AbortSignal | undefined];

/** With the last line of its standard error, where it says something. */
function failureOf(error: unknown, title: string): unknown {
  if (!isAoError(error) || error.details?.exitCode === undefined) return error;
  const { exitCode, stderr } = error.details as { exitCode: number | null; stderr: string };
  const said = line(stderr.trimEnd().split("\n").at(-1) ?? "", 300);
  const how = exitCode === null ? "ended by a signal" : `exit ${exitCode}`;
  return new AoError("FAILED", `${title} failed (${how})${said === "" ? "" : `: ${said}`}`, {
    hint: "Run it by hand with `AO_EVENT_TITLE=test`, or read its own log.",
    details: { exitCode },
  });
}
