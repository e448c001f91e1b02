import { toAoError } from "@agent-orchestrator/core/model/errors";
import type { Caller } from "@agent-orchestrator/core/protocol/frames";
import type { DoctorRow } from "@agent-orchestrator/core/protocol/results";
import type { Runtime } from "@agent-orchestrator/core/slots/runtime";
import { lockLimitOf } from "@agent-orchestrator/plugin-kit/mark";
import type { App } from "../app.ts";
import { configFindings } from "../config/findings.ts";
import type { InstanceConfig } from "../config/instance.ts";
import { formatProblem, type Problem } from "../config/problem.ts";
import { nameFrom } from "../notices/channel-table.ts";
import { failingChannels } from "../notices/status-lines.ts";
import { SLOTS } from "../registry/plugin-module.ts";
import { canAskKernel } from "../server/peer.ts";
import { agentRows } from "./agents.ts";
import { commandRows } from "./commands.ts";
import { forgeRows } from "./forge.ts";
import { placeRows } from "./places.ts";
import { programRows } from "./programs.ts";
import { stateRows } from "./state.ts";
import { webhookRows } from "./webhooks.ts";

/** Returns everything that can be wrong around a session, and how to fix it. */
export async function examine(app: App, caller: Caller): Promise<DoctorRow[]> {
  const env = caller.env ?? (await app.environments.base());
  const rows: DoctorRow[] = [
    ...(await programRows(
      env,
      SLOTS.flatMap((slot) => app.registry.manifests(slot)),
    )),
    ...(await configRows(app, caller)),
    ...(await environmentRows(app)),
    ...(await placeRows(app)),
    ...(await agentRows(app, caller)),
    ...(await commandRows(app, caller)),
    ...(await forgeRows(app, caller)),
    ...(await webhookRows(app)),
    ...(await runtimeRows(app)),
    ...(await notifierRows(app, caller)),
    ...(await stateRows(app)),
    ...callerRows(),
    {
      area: "safety",
      level: "warning",
      text: "agents run as you, without a sandbox unless their runtime is one: `ao` limits what they can do through it, not what they can do on this machine",
    },
  ];
  // Projects with the same agent, or the same missing program, share a row.
  return [...new Map(rows.map((row) => [JSON.stringify(row), row])).values()];
}

/** What is missing here of what tells an agent's requests from the user's. */
function callerRows(): DoctorRow[] {
  const rows: DoctorRow[] = [];
  const warn = (text: string) => rows.push({ area: "safety", level: "warning", text });
  if (!canAskKernel())
    warn("the kernel cannot be asked which process sends a request: an agent can pass for you by claiming another pid");
  if (lockLimitOf("self") === null)
    warn("this system has no mark for what an agent starts: a program that leaves its parents behind can pass for you");
  return rows;
}

async function environmentRows(app: App): Promise<DoctorRow[]> {
  const problem = await app.environments.loginProblem();
  if (problem === null)
    return [{ area: "environment", level: "ok", text: "the login shell's environment can be read" }];
  const text = `${problem}: after a restart, sessions and CI start from the daemon's own environment`;
  const hint =
    "Make your profile return early when AO_RESOLVING_ENVIRONMENT is set, or run `ao restart` from a shell with the full environment.";
  return [{ area: "environment", level: "warning", text, hint }];
}

async function configRows(app: App, caller: Caller): Promise<DoctorRow[]> {
  try {
    const instance = await app.configs.forCaller(caller);
    const rows: DoctorRow[] = [{ area: "config", level: "ok", text: instance.path }];
    if (!instance.trust.isTrusted) {
      rows.push({
        area: "config",
        level: "warning",
        text: "not trusted: nothing in it runs",
        hint: "Read it, then run `ao trust`.",
      });
    }
    for (const warning of instance.warnings)
      rows.push({ area: "config", level: "warning", text: formatProblem(warning) });
    rows.push(...(await findingRows(app, instance)));
    return rows;
  } catch (error) {
    const known = toAoError(error);
    const isBroken = known.details?.problems !== undefined;
    return [{ area: "config", level: isBroken ? "error" : "warning", text: known.message, ...hintOf(known) }];
  }
}

/** Those of agents have their own rows. */
async function findingRows(app: App, instance: InstanceConfig): Promise<DoctorRow[]> {
  const { problems, warnings } = await configFindings(app, instance);
  const isOfAgent = ({ path }: Problem) => /^(?:projects\.[^.]+\.agentConfig|agents\.)/.test(path);
  const rowOf = (level: "error" | "warning") => (problem: Problem) => ({
    area: "config",
    level,
    text: problem.path === "" ? problem.message : `${problem.path}: ${problem.message}`,
    ...hintOf({ hint: problem.suggestion }),
  });
  return [
    ...problems.filter((problem) => !isOfAgent(problem)).map(rowOf("error")),
    ...(instance.trust.isTrusted ? warnings.map(rowOf("warning")) : []),
  ];
}

async function runtimeRows(app: App): Promise<DoctorRow[]> {
  const rows: DoctorRow[] = [];
  for (const made of app.plugins.runtimes()) {
    try {
      const runtime = (await made) as Runtime;
      for (const { ok, text, hint } of (await runtime.check?.()) ?? []) {
        rows.push({
          area: `runtime ${runtime.name ?? ""}`.trim(),
          level: ok ? "ok" : "error",
          text,
          ...(hint === undefined ? {} : { hint }),
        });
      }
    } catch (error) {
      rows.push({ area: "runtime", level: "error", text: toAoError(error).message });
    }
  }
  return rows;
}

async function notifierRows(app: App, caller: Caller): Promise<DoctorRow[]> {
  if (app.configs.all().length === 0) {
    return [{ area: "notifications", level: "ok", text: "checked once there is a config" }];
  }
  await app.channels.refresh();
  const unreachable = app.channels.unreachable();
  const here = await app.configs.forCaller(caller).catch(() => null); // said among the rows of the config
  const failing = failingChannels(app.engine.state, app.world.clock.now(), nameFrom(here, app.configs.all()));
  const broken = (here === null ? [] : await app.channels.broken(here)).map(({ name, text, hint }) => ({
    text: `${name}: ${text}`,
    hint,
  }));
  const problems = [...(unreachable === null ? [] : [unreachable]), ...broken, ...failing];
  if (problems.length === 0) return [{ area: "notifications", level: "ok", text: "notifications can reach you" }];
  return problems.map(({ text, hint = "" }) => ({ area: "notifications", level: "warning", text, hint }));
}

const hintOf = (error: { hint: string | undefined }) => (error.hint === undefined ? {} : { hint: error.hint });
