import { canSee } from "../domain/access.ts";
import { type Call, countedPage } from "../http/call.ts";
import { invalid } from "../http/failure.ts";
import { type Route, route } from "../http/router.ts";
import type { Issue } from "../model/issue.ts";
import { issueView } from "../views/issues.ts";
import { fullName, isPull, type World } from "../world.ts";

function sorted(call: Call, issues: Issue[], by: string | null): Issue[] {
  const key =
    { updated: (one: Issue) => one.updatedAt, comments: (one: Issue) => String(one.comments.length).padStart(6, "0") }[
      by ?? ""
    ] ?? ((one: Issue) => one.createdAt);
  const up = [...issues].sort((a, b) => (key(a) === key(b) ? a.number - b.number : key(a) < key(b) ? -1 : 1));
  return call.query.get("direction") === "asc" || call.query.get("order") === "asc" ? up : up.reverse();
}

/** The filters of `GET /repos/…/issues`. Newest first unless the query says otherwise. */
export function findIssues(call: Call, issues: Issue[]): Issue[] {
  const { query } = call;
  const get = (name: string) => query.get(name);
  const state = get("state") ?? "open";
  const labels = (get("labels") ?? "").split(",").filter((name) => name !== "");
  const [assignee, creator, milestone, since] = [get("assignee"), get("creator"), get("milestone"), get("since")];
  const found = issues.filter((issue) => {
    const names = issue.labels.map(({ name }) => name.toLowerCase());
    const people = issue.assignees.map(({ login }) => login.toLowerCase());
    if (state !== "all" && issue.state !== state) return false;
    if (!labels.every((name) => names.includes(name.toLowerCase()))) return false;
    if (
      assignee === "none"
        ? people.length > 0
        : assignee === "*"
          ? people.length === 0
          : assignee !== null && !people.includes(assignee.toLowerCase())
    )
      return false;
    if (creator !== null && issue.author.login.toLowerCase() !== creator.toLowerCase()) return false;
    if (
      milestone === "none"
        ? issue.milestone !== null
        : milestone === "*"
          ? issue.milestone === null
          : milestone !== null && issue.milestone?.number !== Number(milestone)
    )
      return false;
    return since === null || issue.updatedAt >= since;
  });
  return sorted(call, found, get("sort"));
}

type Test = (issue: Issue) => boolean;

/** GitHub's search words that `ao` and `gh` use. Throws 422 for one that is unknown here, so that no test passes by accident. */
export function searchTest(world: World, words: string): Test {
  const tests: Test[] = [];
  for (const [, sign, key, quoted, plain] of words.matchAll(/(-?)(?:([\w-]+):)?(?:"([^"]*)"|(\S+))/g)) {
    const value = quoted ?? plain ?? "";
    const test = key === undefined ? containing(value) : qualifier(world, key, value);
    tests.push(sign === "-" ? (issue) => !test(issue) : test);
  }
  return (issue) => tests.every((test) => test(issue));
}

function containing(word: string): Test {
  const wanted = word.toLowerCase();
  return ({ title, body }) => `${title}\n${body ?? ""}`.toLowerCase().includes(wanted);
}

function qualifier(world: World, key: string, value: string): Test {
  const lower = value.toLowerCase();
  if (key === "repo") return ({ repo }) => fullName(repo).toLowerCase() === lower;
  if (key === "org" || key === "user") return ({ repo }) => repo.owner.login.toLowerCase() === lower;
  if ((key === "is" || key === "type") && (lower === "pr" || lower === "issue"))
    return (issue) => isPull(issue) === (lower === "pr");
  if (key === "is" && lower === "merged") return ({ pull }) => pull?.mergedAt != null;
  if (key === "is" && lower === "draft") return ({ pull }) => pull?.isDraft === true;
  if ((key === "is" || key === "state") && (lower === "open" || lower === "closed"))
    return ({ state }) => state === lower;
  if (key === "label") return ({ labels }) => labels.some(({ name }) => name.toLowerCase() === lower);
  if (key === "author") return ({ author }) => author.login.toLowerCase() === lower;
  if (key === "assignee") return ({ assignees }) => assignees.some(({ login }) => login.toLowerCase() === lower);
  if (key === "head") return ({ pull }) => pull?.headRef.startsWith(value) === true;
  if (key === "base") return ({ pull }) => pull?.baseRef === value;
  if (key === "milestone") return ({ milestone }) => milestone?.title.toLowerCase() === lower;
  if (key === "no" && lower === "assignee") return ({ assignees }) => assignees.length === 0;
  if (key === "linked" && lower === "pr")
    return (issue) =>
      world.repos.some((repo) =>
        [...repo.issues.values()].some((one) => isPull(one) && (one.body ?? "").includes(`#${issue.number}`)),
      );
  if (key === "in" || key === "sort" || key === "archived") return () => true;
  throw invalid({ resource: "Search", field: "q", code: "invalid", message: `unknown here: ${key}:${value}` });
}

function searchIssues(call: Call) {
  const q = call.query.get("q");
  if (q === null || q === "") throw invalid({ resource: "Search", field: "q", code: "missing" });
  const test = searchTest(call.world, q);
  const all = call.world.repos.filter((repo) => canSee(call.viewer, repo)).flatMap((repo) => [...repo.issues.values()]);
  const answer = countedPage(call, sorted(call, all.filter(test), call.query.get("sort")), {
    key: "items",
    show: (issue) => {
      const { closed_by: _, ...shown } = issueView(call.urls, issue);
      return { ...shown, score: 1 };
    },
  });
  return { ...answer, body: { incomplete_results: false, search_type: "lexical", ...(answer.body as object) } };
}

export const searchRoutes: Route[] = [route("GET /search/issues", null, searchIssues)];
