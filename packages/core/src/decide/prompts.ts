import type { ProjectConfig } from "../model/project.ts";
import type { SessionRecord } from "../model/session.ts";
export const firstPrompt = (p: { record: SessionRecord; project: ProjectConfig; issueText: string | null }): string =>
  `${p.issueText ?? ""}\n${p.record.task.prompt ?? ""}`;
export const continuationPrompt = (p: {
  record: SessionRecord;
  project: ProjectConfig;
  firstPromptFile: string;
}): string => `continue; first prompt in ${p.firstPromptFile}`;
