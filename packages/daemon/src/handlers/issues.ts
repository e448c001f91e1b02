import { liveSessionOf } from "@agent-orchestrator/core/decide/names";
import { AoError } from "@agent-orchestrator/core/model/errors";
import { type Issue, issueKey } from "@agent-orchestrator/core/model/issue";
import { type ProjectConfig, trackerText } from "@agent-orchestrator/core/model/project";
import type { IssueRow, IssuesMeta } from "@agent-orchestrator/core/protocol/results";
import type { IssueFilters } from "@agent-orchestrator/core/slots/tracker";
import { z } from "zod";
import type { App, Call } from "../app.ts";
import { defineRequest } from "../define-request.ts";
import { askPlugin } from "../registry/ask-plugin.ts";
import { inTurns, issuesOf, listEach } from "../registry/several-trackers.ts";
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
  const filters: IssueFilters = {
    ...{ state: "open", labels, limit: limit + 1 },
    ...(assignee === undefined ? {} : { assignee }),
    ...(cycle === undefined ? {} : { cycle }),
  };
  const { open, failed } = await openIssues({ app, call }, config, filters);
  const rows = open.slice(0, limit).map((issue) => {
    const { title, url, state, labels, assignee = null } = issue;
    const id = issueKey(issue);
    const task = { instanceId: instance.id, projectId: config.id, issueId: id };
    const session = liveSessionOf(app.engine.state, task)?.id ?? null;
    return { id, projectId: config.id, title, url, state, labels, assignee, session };
  });
  return { data: rows, meta: { isMore: open.length > limit, ...(failed.length === 0 ? {} : { failed }) } };
});

interface Asked {
  app: App;
  call: Call;
}

/** Of a project with several trackers, what those have that answer. */
async function openIssues(asked: Asked, config: ProjectConfig, filters: IssueFilters): Promise<Open> {
  const plugins = asked.app.world.projectPlugins(config);
  if (plugins.trackers().length < 2) return { open: await onlyIssues(asked, config, filters), failed: [] };
  const lists = await listEach(plugins.trackers(), (one) =>
    askPlugin(asked, `the tracker ${one.name}`, (signal) => issuesOf(one, { filters, project: config, signal })),
  );
  const failures = lists.flatMap(({ name, failure }) => (failure === null ? [] : [{ name, failure }]));
  const [first] = failures;
  if (first !== undefined && failures.length === lists.length) throw first.failure;
  return {
    open: inTurns(lists.map(({ issues }) => issues)),
    failed: failures.map(({ name, failure: { message, hint } }) => ({
      ...{ tracker: name, text: asked.app.configs.redact(message) },
      ...(hint === undefined ? {} : { hint }),
    })),
  };
}

interface Open {
  open: Issue[];
  failed: NonNullable<IssuesMeta["failed"]>;
}

async function onlyIssues(asked: Asked, config: ProjectConfig, filters: IssueFilters): Promise<Issue[]> {
  const tracker = await asked.app.world.projectPlugins(config).tracker();
  const listIssues = tracker.listIssues?.bind(tracker);
  if (listIssues === undefined) {
    throw new AoError("UNAVAILABLE", `${trackerText(config)} cannot list issues`, {
      hint: "`ao spawn` takes an issue by its number or URL.",
    });
  }
  return askPlugin(asked, trackerText(config), (signal) => listIssues(filters, config, { signal }));
}
