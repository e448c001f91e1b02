import { existsSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import type { Engine } from "@agent-orchestrator/core/engine/engine";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { Caller } from "@agent-orchestrator/core/protocol/frames";
import { claimProject } from "@agent-orchestrator/core/store/layout";
import type { Store } from "@agent-orchestrator/core/store/store";
import type { ConfigProblem } from "./configs-interface.ts";
import type { FindConfig } from "./find.ts";
import type { InstanceConfig } from "./instance.ts";
import { identitiesOf } from "./moved.ts";
import { diffTrust } from "./trust.ts";

/** Remembers a config that is new, or in a new place, as untrusted. */
export async function register(engine: Engine, instance: InstanceConfig): Promise<void> {
  const known = engine.state.instances[instance.id];
  const repositories = { ...(await identitiesOf(instance.projects)), ...known?.repositories };
  if (known?.configPath === instance.path && isDeepStrictEqual(known.repositories, repositories)) return;
  await engine.command({ kind: "register-config", id: instance.id, configPath: instance.path, repositories });
}

/** The lines that differ from what was trusted. Null if nothing was. */
export const trustDiff = (instance: InstanceConfig, before: string | null): string | null =>
  before === null ? null : diffTrust(before, instance.trust.text).join("\n");

export function untrusted(instance: InstanceConfig, before: string | null): AoError {
  const diff = trustDiff(instance, before);
  const what =
    before === null ? "is not trusted yet: nothing in it runs" : "has changed, and the change waits for your trust";
  return new AoError("UNTRUSTED", `${instance.path} ${what}`, {
    hint: "Read it, then run `ao trust`.",
    details: { configPath: instance.path, text: instance.trust.text, diff, pin: instance.trust.pin },
  });
}

/** Where to look for the config that a caller means. */
export function placeOfCaller(
  caller: Caller,
  { store, home, idOf }: { store: Store; home: string; idOf: FindConfig["idOf"] & {} },
): FindConfig {
  return {
    cwd: caller.cwd,
    home,
    ...(caller.configPath === undefined ? {} : { explicit: caller.configPath }),
    env: { AO_CONFIG_PATH: caller.env?.AO_CONFIG_PATH, AO_SESSION_ID: caller.sessionId },
    ownerOf: (path) => ownerOf(store, (root) => path === root || path.startsWith(`${root}/`)),
    ownerOfSession: (id) => ownerOf(store, (_root, sessionId) => sessionId === id),
    idOf,
  };
}

/** Where to look for a config whose path is known, whoever asks. */
export function placeOf(path: string, home: string, idOf: FindConfig["idOf"] & {}): FindConfig {
  const nobody = () => null;
  return { cwd: "/", home, explicit: path, env: {}, ownerOf: nobody, ownerOfSession: nobody, idOf };
}

export const brokenProblem = (text: string): ConfigProblem => ({
  text,
  hint: "The last valid config stays in force. Run `ao config validate`.",
});

/** For a changed config. `isKept`: what was trusted before the change is known and applies. */
export const waitingProblem = (path: string, isKept: boolean): ConfigProblem => ({
  text: `${path} has changed, and the change waits for \`ao trust\``,
  hint: isKept ? "Until then, the config that you last trusted applies." : "Until then, nothing in it runs.",
});

/** A usage limit, or the limit on working agents, may have been raised. */
export function lookAtHeld(store: Store, engine: Engine, instanceId: string): void {
  for (const record of Object.values(store.state.sessions)) {
    const isHeld = Boolean(record.limits.hold) || record.phase === "queued";
    if (isHeld && record.instanceId === instanceId) engine.tell(record.id, []);
  }
}

/** The instance of the first session that matches. */
function ownerOf(store: Store, fits: (root: string, sessionId: string) => boolean): { configPath: string } | null {
  for (const record of Object.values(store.state.sessions)) {
    if (record.workspacePath === null || !fits(record.workspacePath, record.id)) continue;
    const instance = store.state.instances[record.instanceId];
    if (instance !== undefined) return { configPath: instance.configPath };
  }
  return null;
}

/** Makes the state folders of a config that was moved say where it is now. */
export function claimFolders({ layout }: Store, { id, path, projects }: InstanceConfig): void {
  for (const project of projects) {
    if (!existsSync(layout.project(id, project.id).dir)) continue;
    claimProject({ home: layout.home, instanceId: id, projectId: project.id, configPath: path });
  }
}
