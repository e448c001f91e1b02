import { liveSessionOf } from "@agent-orchestrator/core/decide/names";
import { AoError } from "@agent-orchestrator/core/model/errors";
import { issueKey } from "@agent-orchestrator/core/model/issue";
import { trackerText } from "@agent-orchestrator/core/model/project";
import type { IssueRow, IssuesMeta } from "@agent-orchestrator/core/protocol/results";
import { z } from "zod";
import { defineRequest } from "../define-request.ts";
import { askPlugin } from "../registry/ask-plugin.ts";
import { spawnPlace } from "../sessions/spawn-place.ts";

const STANDARD = 100;

/** The open issues of a project with all of these labels, which could be spawned, with the live session of each that has one. */
export const request = defineRequest({
  access: "user",
  effect: "look",
  params: z.object({
    project: z.string().min(1).optional(),
    labels: z.array(z.string().min(1)).max(20).optional(),
    /** A name, as the tracker has it. */
    assignee: z.string().min(1).max(200).optional(),
    /** `current`, `next`, `previous`, a number or a name, for a tracker with cycles. */
    cycle: z.string().min(1).max(200).optional(),
    limit: z.number().int().min(1).max(10_000).optional(),
  }),
}).returns<IssueRow[], IssuesMeta>(async (app, { project, labels = [], limit = STANDARD, assignee, cycle }, call) => {
  const { instance, config, issues } = await spawnPlace(app, project === undefined ? [] : [project], call.caller);
  if (issues.length > 0) throw new AoError("NOT_FOUND", `no project ${issues[0] ?? ""}`);
  app.configs.requireTrusted(instance.id);
  const tracker = await app.world.projectPlugins(config).tracker();
  const listIssues = tracker.listIssues?.bind(tracker);
  if (listIssues === undefined) {
    throw new AoError("UNAVAILABLE", `${trackerText(config)} cannot list issues`, {
      hint: "`ao spawn` takes an issue by its number or URL.",
    });
  }
  const open = await askPlugin({ app, call }, trackerText(config), (signal) =>
    listIssues(
      {
        ...{ state: "open", labels, limit: limit + 1 },
        ...(assignee === undefined ? {} : { assignee }),
        ...(cycle === undefined ? {} : { cycle }),
      },
      config,
      { signal },
    ),
  );
  const rows = open.slice(0, limit).map((issue) => {
    const { title, url, state, labels, assignee = null } = issue;
    const id = issueKey(issue);
    const task = { instanceId: instance.id, projectId: config.id, issueId: id };
    const session = liveSessionOf(app.engine.state, task)?.id ?? null;
    return { id, projectId: config.id, title, url, state, labels, assignee, session };
  });
  return { data: rows, meta: { isMore: open.length > limit } };
});
