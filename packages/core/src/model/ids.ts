import { z } from "zod";

/** A project's id in a config. A name, never a number, and safe as a folder name. */
export const ProjectId = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$/)
  .refine((id) => !/^\d+$/.test(id), "a project id must not be a number");
export type ProjectId = z.infer<typeof ProjectId>;

/** `{prefix}-{n}`. Never reused, and safe as a file name, a tmux name and a ref component. */
export const SessionId = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_]{0,39}-[1-9]\d{0,8}$/);
export type SessionId = z.infer<typeof SessionId>;

/** First 12 hex digits of SHA-256 of the real path of the config file's folder. */
export const InstanceId = z.string().regex(/^[0-9a-f]{12}$/);
export type InstanceId = z.infer<typeof InstanceId>;

/** The folder of one project's state below `$AO_HOME`, and its key everywhere in the state. */
export function projectKey(instanceId: InstanceId, projectId: ProjectId): string {
  return `${instanceId}-${projectId}`;
}

/** Returns the message id for the prompt of a launch whose program takes it as typed input. */
export const firstPromptId = (sessionId: string, launch: number): string => `prompt-${sessionId}-${launch}`;
