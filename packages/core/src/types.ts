/** The one public face of the slots: what a plugin author imports. */
export type { Activity } from "./model/activity.ts";
export type { OrchestratorEvent } from "./model/event.ts";
export type { Issue, IssueState } from "./model/issue.ts";
export type { ProjectConfig } from "./model/project.ts";
export type * from "./model/pull-request.ts";
export type { ActivityState, Priority, SessionStatus } from "./model/status.ts";
export type * from "./slots/agent.ts";
export type * from "./slots/common.ts";
export type * from "./slots/lifecycle.ts";
export type * from "./slots/notifier.ts";
export type * from "./slots/runtime.ts";
export type * from "./slots/scm.ts";
export type * from "./slots/terminal.ts";
export type * from "./slots/tracker.ts";
export type * from "./slots/workspace.ts";
