import type { CommandOf } from "../../model/command.ts";
import type { SessionRecord } from "../../model/session.ts";
import type { InstanceState, State } from "../../model/state.ts";
import type { Outcome } from "./outcome.ts";

export function registerConfig(state: State, command: CommandOf<"register-config">): Outcome<"register-config"> {
  const { kind: _, ...config } = command;
  return { next: withInstance(state, { trustedPin: null, trustedText: null, ...known(state, config.id), ...config }) };
}

export function trustConfig(state: State, command: CommandOf<"trust-config">): Outcome<"trust-config"> {
  const { kind: _, ...trusted } = command;
  return { next: withInstance(state, { ...known(state, trusted.id), ...trusted }) };
}

/** One that was forgotten meanwhile stays forgotten. */
export function moveConfig(state: State, { id, configPath }: CommandOf<"move-config">): Outcome<"move-config"> {
  const before = known(state, id);
  return { next: before === undefined ? state : withInstance(state, { ...before, configPath }) };
}

/** Whether a session of it has something that can be continued or restored. */
export const isConfigNeeded = ({ sessions, archive }: State, id: string): boolean =>
  Object.values(archive).some(({ instanceId, kept }) => instanceId === id && kept !== null) ||
  Object.values(sessions).some(
    ({ instanceId, isArchived, preservedPath }) => instanceId === id && (!isArchived || preservedPath !== null),
  );

/** Its sessions stay in the history, and name the place where their work is kept. */
export function forgetConfig(state: State, { id }: CommandOf<"forget-config">): Outcome<"forget-config"> {
  const { [id]: _, ...instances } = state.instances;
  const projects = Object.entries(state.projects).filter(([, { instanceId }]) => instanceId !== id);
  return { next: { ...state, instances, projects: Object.fromEntries(projects) } };
}

export function followPaths(state: State, { paths }: CommandOf<"follow-paths">): Outcome<"follow-paths"> {
  const now = (path: string | null) => (path !== null && Object.hasOwn(paths, path) ? (paths[path] ?? path) : path);
  const sessions = Object.entries(state.sessions).map(([id, record]): [string, SessionRecord] => {
    const [workspacePath, preservedPath] = [now(record.workspacePath), now(record.preservedPath)];
    const isSame = workspacePath === record.workspacePath && preservedPath === record.preservedPath;
    return [id, isSame ? record : { ...record, workspacePath, preservedPath }];
  });
  return { next: { ...state, sessions: Object.fromEntries(sessions) } };
}

const known = (state: State, id: string): InstanceState | undefined =>
  Object.hasOwn(state.instances, id) ? state.instances[id] : undefined;

const withInstance = (state: State, instance: InstanceState): State => ({
  ...state,
  instances: { ...state.instances, [instance.id]: instance },
});
