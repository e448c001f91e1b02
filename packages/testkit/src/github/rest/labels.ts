import { findLabel } from "../domain/issues.ts";
import { actorOf, type Call, created, NO_CONTENT, ok, page, required, text } from "../http/call.ts";
import { invalid, notFound } from "../http/failure.ts";
import { type Route, route } from "../http/router.ts";
import type { Label, Milestone } from "../model/issue.ts";
import { labelView, milestoneView } from "../views/issues.ts";

const R = "/repos/{owner}/{repo}";
const READ = "issues:read|pull_requests:read";
const WRITE = "issues:write|pull_requests:write";

function labelOf(call: Call): Label {
  const label = findLabel(call.repo, call.params.name ?? "");
  if (label === null) throw notFound();
  return label;
}

function createLabel(call: Call) {
  const name = required(call, "name", "Label");
  if (findLabel(call.repo, name) !== null) throw invalid({ resource: "Label", field: "name", code: "already_exists" });
  const label = call.world.add<Label>("LA", {
    name,
    color: text(call, "color") ?? "ededed",
    description: text(call, "description") ?? null,
  });
  call.repo.labels.push(label);
  return created(labelView(call.urls, call.repo, label));
}

function milestoneOf(call: Call): Milestone {
  const found = call.repo.milestones.find(({ number }) => number === Number(call.params.milestone_number));
  if (found === undefined) throw notFound();
  return found;
}

function createMilestone(call: Call) {
  const { world, repo } = call;
  const title = required(call, "title", "Milestone");
  if (repo.milestones.some((one) => one.title === title))
    throw invalid({ resource: "Milestone", field: "title", code: "already_exists" });
  const now = world.iso();
  const milestone = world.add<Milestone>("MI", {
    number: repo.milestones.length + 1,
    title,
    description: text(call, "description") ?? null,
    state: "open",
    creator: actorOf(call),
    createdAt: now,
    updatedAt: now,
    closedAt: null,
    dueOn: text(call, "due_on") ?? null,
  });
  repo.milestones.push(milestone);
  return created(milestoneView(call.urls, repo, milestone));
}

function updateMilestone(call: Call) {
  const milestone = milestoneOf(call);
  const state = text(call, "state");
  Object.assign(milestone, {
    title: text(call, "title") ?? milestone.title,
    updatedAt: call.world.iso(),
    ...(state === undefined ? {} : { state, closedAt: state === "closed" ? call.world.iso() : null }),
  });
  return ok(milestoneView(call.urls, call.repo, milestone));
}

export const labelRoutes: Route[] = [
  route(`GET ${R}/labels`, READ, (call) =>
    page(call, call.repo.labels, (label) => labelView(call.urls, call.repo, label)),
  ),
  route(`POST ${R}/labels`, WRITE, createLabel),
  route(`GET ${R}/labels/{name}`, READ, (call) => ok(labelView(call.urls, call.repo, labelOf(call)))),
  route(`PATCH ${R}/labels/{name}`, WRITE, (call) => {
    const label = labelOf(call);
    Object.assign(label, {
      name: text(call, "new_name") ?? label.name,
      color: text(call, "color") ?? label.color,
      description: text(call, "description") ?? label.description,
    });
    return ok(labelView(call.urls, call.repo, label));
  }),
  route(`DELETE ${R}/labels/{name}`, WRITE, (call) => {
    const label = labelOf(call);
    call.repo.labels = call.repo.labels.filter((other) => other !== label);
    for (const issue of call.repo.issues.values()) issue.labels = issue.labels.filter((other) => other !== label);
    return NO_CONTENT;
  }),
  route(`GET ${R}/milestones`, READ, (call) => {
    const state = call.query.get("state") ?? "open";
    return page(
      call,
      call.repo.milestones.filter((one) => state === "all" || one.state === state),
      (one) => milestoneView(call.urls, call.repo, one),
    );
  }),
  route(`POST ${R}/milestones`, WRITE, createMilestone),
  route(`GET ${R}/milestones/{milestone_number}`, READ, (call) =>
    ok(milestoneView(call.urls, call.repo, milestoneOf(call))),
  ),
  route(`PATCH ${R}/milestones/{milestone_number}`, WRITE, updateMilestone),
];
