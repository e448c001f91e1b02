import { existsSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import type { Engine } from "@agent-orchestrator/core/engine/engine";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { State } from "@agent-orchestrator/core/model/state";
import { claimProject } from "@agent-orchestrator/core/store/layout";
import type { Store } from "@agent-orchestrator/core/store/store";
import type { InstanceConfig, Trusted } from "./config/instance.ts";
import { diffTrust } from "./config/trust.ts";
import { identitiesOf } from "./moved.ts";

/** Remembers a config that is new, or in a new place, as untrusted. */
export async function register(engine: Engine, instance: InstanceConfig): Promise<void> {
  const known = engine.state.instances[instance.id];
  const repositories = { ...(await identitiesOf(instance.projects)), ...known?.repositories };
  if (known?.configPath === instance.path && isDeepStrictEqual(known.repositories, repositories)) return;
  await engine.change((state) => {
    const entry = {
      trustedPin: null,
      trustedText: null,
      ...state.instances[instance.id],
      id: instance.id,
      configPath: instance.path,
      repositories,
    };
    return { state: { ...state, instances: { ...state.instances, [instance.id]: entry } } };
  });
}

/** What the user last trusted of an instance. Null if nothing. */
export function trustedOf(state: State, id: string): Trusted | null {
  const { trustedPin: pin = null, trustedText: text = null } = state.instances[id] ?? {};
  return pin === null || text === null ? null : { pin, text };
}

export function untrusted(instance: InstanceConfig, before: string | null): AoError {
  const diff = before === null ? null : diffTrust(before, instance.trust.text).join("\n");
  const what = before === null ? "is not trusted yet" : "has changed in parts that run commands";
  return new AoError("UNTRUSTED", `${instance.path} ${what}: nothing in it runs`, {
    hint: "Read it, then run `ao trust`.",
    details: { configPath: instance.path, text: instance.trust.text, diff, pin: instance.trust.pin },
  });
}

/** The instance of the first session that matches. */
export function ownerOf(
  store: Store,
  fits: (root: string, sessionId: string) => boolean,
): { configPath: string } | null {
  for (const record of Object.values(store.state.sessions)) {
    if (record.workspacePath === null || !fits(record.workspacePath, record.id)) continue;
    const instance = store.state.instances[record.instanceId];
    if (instance !== undefined) return { configPath: instance.configPath };
  }
  return null;
}

/** Its sessions stay in the history, and name the place where their work is kept. */
export function withoutInstance(state: State, id: string): State {
  const { [id]: _, ...instances } = state.instances;
  const projects = Object.entries(state.projects).filter(([, { instanceId }]) => instanceId !== id);
  return { ...state, instances, projects: Object.fromEntries(projects) };
}

/** Makes the state folders of a config that was moved say where it is now. */
export function claimFolders({ layout }: Store, { id, path, projects }: InstanceConfig): void {
  for (const project of projects) {
    if (!existsSync(layout.project(id, project.id).dir)) continue;
    claimProject({ home: layout.home, instanceId: id, projectId: project.id, configPath: path });
  }
}
