import { isAoError } from "@agent-orchestrator/core/model/errors";
import type { ProjectConfig } from "@agent-orchestrator/core/model/project";
import type { CreateIssueInput, Tracker } from "@agent-orchestrator/core/slots/tracker";
import { describe, expect, it } from "vitest";
import { type Calls, expectRefusal, interrupted } from "./aborted.ts";

/** One tracker with an empty project behind it. */
export interface TrackerWorld {
  tracker: Tracker;
  project: ProjectConfig;
  /** Creates an issue on the far side, not through the plugin. Returns its id. */
  seed(issue: CreateIssueInput & { isClosed?: boolean }): Promise<string>;
  /** From now on the far side does not answer. Absent for a tracker without one. */
  stall?(): void;
}

export interface TrackerHarness {
  /** Called in each test. What it opens is closed when the test ends. */
  setUp(): Promise<TrackerWorld>;
  /** The optional methods that this plugin has. */
  capabilities: { list: boolean; create: boolean; update: boolean; comment: boolean; label: boolean; cycles?: boolean };
}

const HOSTILE = "'; touch pwned; $(touch pwned) `touch pwned` #{pane_id} --help \u001b[2J & | > x: [y]";

/** Every method that waits. */
const callsOf = ({ tracker, project }: TrackerWorld, id: string): Calls => ({
  getIssue: (options) => tracker.getIssue(id, project, options),
  isCompleted: (options) => tracker.isCompleted(id, project, options),
  generatePrompt: (options) => tracker.generatePrompt(id, project, options),
  listIssues: tracker.listIssues && (async (options) => tracker.listIssues?.({}, project, options)),
  updateIssue:
    tracker.updateIssue && (async (options) => tracker.updateIssue?.(id, { state: "closed" }, project, options)),
  createIssue:
    tracker.createIssue &&
    (async (options) => tracker.createIssue?.({ title: "Two", description: "" }, project, options)),
  commentIssue: tracker.commentIssue && (async (options) => tracker.commentIssue?.(id, "hm", project, options)),
});

export function trackerContract(name: string, harness: TrackerHarness): void {
  const { capabilities } = harness;
  describe(`tracker contract: ${name}`, () => {
    it("returns a complete issue with its own id by its id and by `#id`", async () => {
      const { tracker, project, seed } = await harness.setUp();
      const id = await seed({ title: "Fix the login", description: "It is broken.\n\nVery.", labels: ["bug"] });
      const issue = await tracker.getIssue(id, project);
      expect(issue).toMatchObject({ id, title: "Fix the login", state: "open", labels: ["bug"] });
      expect(issue.description).toContain("It is broken.\n\nVery.");
      expect(await tracker.getIssue(`#${id}`, project)).toEqual(issue);
    });

    it("finds the issue by the URL that it returned", async () => {
      const { tracker, project, seed } = await harness.setUp();
      const id = await seed({ title: "One", description: "" });
      const { url } = await tracker.getIssue(id, project);
      expect(tracker.issueUrl(id, project)).toBe(url);
      expect((await tracker.getIssue(url, project)).id).toBe(id);
    });

    it("throws NOT_FOUND for a missing issue, and for words that name none", async () => {
      const { tracker, project } = await harness.setUp();
      for (const identifier of ["999", "#999", "no such thing", "--help", "../../etc/passwd", ""]) {
        const error = await tracker.getIssue(identifier, project).catch((thrown: unknown) => thrown);
        expect(isAoError(error) ? error.code : error, identifier).toBe("NOT_FOUND");
      }
    });

    it("distinguishes an open issue from a completed one", async () => {
      const { tracker, project, seed } = await harness.setUp();
      const open = await seed({ title: "Open", description: "" });
      const closed = await seed({ title: "Closed", description: "", isClosed: true });
      expect(await tracker.isCompleted(open, project)).toBe(false);
      expect(await tracker.isCompleted(closed, project)).toBe(true);
    });

    it("proposes one branch per issue, with a name that git accepts", async () => {
      const { tracker, project, seed } = await harness.setUp();
      const id = await seed({ title: HOSTILE, description: "" });
      const branch = tracker.branchName(id, project);
      expect(branch).toMatch(/^[A-Za-z0-9][A-Za-z0-9._/-]*$/);
      expect(tracker.branchName(id, project)).toBe(branch);
    });

    it("passes a stranger's text on unchanged", async () => {
      const { tracker, project, seed } = await harness.setUp();
      const id = await seed({ title: "Plain", description: `first\n${HOSTILE}\nlast` });
      const prompt = await tracker.generatePrompt(id, project);
      for (const line of ["first", HOSTILE, "last"]) expect(prompt.split("\n")).toContain(line);
      expect(prompt).toContain("Plain");
    });

    it("gives a short label for an issue's URL", async (test) => {
      test.skip(!capabilities.label, "this tracker has no short labels");
      const { tracker, project, seed } = await harness.setUp();
      const id = await seed({ title: "One", description: "" });
      expect(tracker.issueLabel?.(tracker.issueUrl(id, project), project)).toContain(id);
    });

    it("lists by state, label and number", async (test) => {
      test.skip(!capabilities.list, "this tracker cannot list");
      const { tracker, project, seed } = await harness.setUp();
      const bug = await seed({ title: "A", description: "", labels: ["bug"] });
      const plain = await seed({ title: "B", description: "" });
      const closed = await seed({ title: "C", description: "", isClosed: true });
      const ids = async (filters: Parameters<NonNullable<Tracker["listIssues"]>>[0]) =>
        ((await tracker.listIssues?.(filters, project)) ?? []).map((issue) => issue.id).sort();
      expect(await ids({})).toEqual([bug, plain].sort());
      expect(await ids({ state: "closed" })).toEqual([closed]);
      expect(await ids({ state: "all" })).toEqual([bug, plain, closed].sort());
      expect(await ids({ labels: ["bug"] })).toEqual([bug]);
      expect(await ids({ limit: 1 })).toHaveLength(1);
    });

    it("says so if it has no cycles to list by", async (test) => {
      test.skip(!capabilities.list || capabilities.cycles === true, "this tracker has cycles, or cannot list");
      const { tracker, project } = await harness.setUp();
      const listed = await tracker.listIssues?.({ cycle: "current" }, project).catch((thrown: unknown) => thrown);
      expect(isAoError(listed) ? listed.code : listed).toBe("UNAVAILABLE");
    });

    it("creates an issue that reads back as it was given, whatever its text", async (test) => {
      test.skip(!capabilities.create, "this tracker cannot create");
      const { tracker, project } = await harness.setUp();
      const made = await tracker.createIssue?.({ title: HOSTILE, description: `a\n${HOSTILE}` }, project);
      const read = await tracker.getIssue(made?.id ?? "", project);
      expect(read).toEqual(made);
      expect(read.title).toBe(HOSTILE);
      expect(read.description).toContain(`a\n${HOSTILE}`);
    });

    it("closes an issue, and closing it again changes nothing", async (test) => {
      test.skip(!capabilities.update, "this tracker cannot update");
      const { tracker, project, seed } = await harness.setUp();
      const id = await seed({ title: "One", description: "text" });
      const close = () => tracker.updateIssue?.(id, { state: "closed", comment: "done in #1" }, project);
      await close();
      const closed = await tracker.getIssue(id, project);
      expect(closed.state).toBe("closed");
      await close();
      expect(await tracker.getIssue(id, project)).toEqual(closed);
    });

    it("sets labels and assignee and leaves the rest unchanged", async (test) => {
      test.skip(!capabilities.update, "this tracker cannot update");
      const { tracker, project, seed } = await harness.setUp();
      const id = await seed({ title: "One", description: "text", labels: ["a", "b"] });
      await tracker.updateIssue?.(id, { labels: ["b", "c"], assignee: "sam" }, project);
      const issue = await tracker.getIssue(id, project);
      expect(issue).toMatchObject({ title: "One", description: "text", assignee: "sam" });
      expect([...issue.labels].sort()).toEqual(["b", "c"]);
    });

    it("adds a comment without changing the issue's fields", async (test) => {
      test.skip(!capabilities.comment, "this tracker cannot comment");
      const { tracker, project, seed } = await harness.setUp();
      const id = await seed({ title: "One", description: "text", labels: ["a"] });
      await tracker.commentIssue?.(id, `---\nstate: closed\n---\n${HOSTILE}`, project);
      expect(await tracker.getIssue(id, project)).toMatchObject({ title: "One", state: "open", labels: ["a"] });
    });

    it("asks and changes nothing for a caller that gave up before", async () => {
      const world = await harness.setUp();
      const id = await world.seed({ title: "One", description: "text" });
      const before = await world.tracker.getIssue(id, world.project);
      await expectRefusal(callsOf(world, id));
      expect(await world.tracker.getIssue(id, world.project)).toEqual(before);
      expect(await (world.tracker.listIssues?.({ state: "all" }, world.project) ?? [before])).toEqual([before]);
    });

    it("leaves a far side that does not answer as soon as the caller gives up, without an answer", async (test) => {
      const world = await harness.setUp();
      const id = await world.seed({ title: "One", description: "text" });
      test.skip(world.stall === undefined, "this tracker has no far side");
      world.stall?.();
      expect(await interrupted(callsOf(world, id))).toContain("getIssue");
    });
  });
}
