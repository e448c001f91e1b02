import type { LinearSdk } from "@linear/sdk";

/** The SDK does not export the inputs of its methods. */
type FilterOf<Method extends "issues" | "teams" | "users" | "issueLabels"> = NonNullable<
  NonNullable<Parameters<LinearSdk[Method]>[0]>["filter"]
>;
export type IssueFilter = FilterOf<"issues">;
export type TeamFilter = FilterOf<"teams">;
export type UserFilter = FilterOf<"users">;
export type IssueLabelFilter = FilterOf<"issueLabels">;
export type CycleFilter = NonNullable<IssueFilter["cycle"]>;
export type IssueUpdateInput = Parameters<LinearSdk["updateIssue"]>[1];
