import { chmodSync, cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { aPolicy } from "@agent-orchestrator/testkit/records";
import { agentOf } from "@agent-orchestrator/testkit/simulation";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { expect, it } from "vitest";
import { contextOf } from "../decide/context.ts";
import { explain } from "../decide/explain.ts";
import { toSessionView } from "../decide/view.ts";
import { realFs } from "../host/fs-port.ts";
import type { State } from "../model/state.ts";
import { readCheckpoint } from "./checkpoint.ts";
import { PLACES } from "./flat-record.ts";
import { layoutOf } from "./layout.ts";
import { openLine, sealLine } from "./line.ts";
import { renderBody } from "./metadata.ts";
import { toEntries } from "./session-view.ts";
import { createSigner } from "./signer.ts";
import type { Store } from "./store.ts";
import { toFormat1 } from "./testing/earlier-version.ts";
import { facts, openReal } from "./testing/sample.ts";

/**
 * Two homes as the last version of format 4 wrote them: five sessions, an archived one and one that was put away, whose lives
 * have every member of a record. In `packed` the older half of the log is packed, and in both a checkpoint stands in the middle.
 */
const FIXTURES = fileURLToPath(new URL("./fixtures/format-4/", import.meta.url));

interface Expected {
  nowMs: number;
  /** As the state had them then: flat. */
  records: Record<string, Record<string, unknown>>;
  views: Record<string, { view: unknown; explain: unknown; metadata: string }>;
  /** The rest of the state. */
  others: Record<string, unknown>;
}
const expected = JSON.parse(readFileSync(join(FIXTURES, "expected.json"), "utf8")) as Expected;

function copyOf(name: "packed" | "plain"): string {
  const home = tempDir("ao-earlier");
  cpSync(join(FIXTURES, name), home, { recursive: true });
  const close = (dir: string): void => {
    chmodSync(dir, 0o700);
    for (const entry of readdirSync(dir, { withFileTypes: true })) {
      const path = join(dir, entry.name);
      if (entry.isDirectory()) close(path);
      else chmodSync(path, 0o600);
    }
  };
  close(home);
  return home;
}

/** Written out once more than in `flat-record.ts`, from what the table says. */
function inGroups(record: Record<string, unknown>): Record<string, unknown> {
  const groups: Record<string, Record<string, unknown>> = {};
  for (const [group] of Object.values(PLACES)) groups[group] = {};
  const top = Object.entries(record).filter(([name, value]) => {
    const [group, member] = PLACES[name] ?? [];
    if (group === undefined || member === undefined) return true;
    groups[group] = { ...groups[group], [member]: value };
    return false;
  });
  return { ...Object.fromEntries(top), ...groups };
}

function expectSame(store: Store, ids = Object.keys(expected.records)): void {
  expect(store.problems).toEqual([]);
  const { sessions, ...others } = facts(store.state) as State;
  expect(others).toEqual(expected.others);
  for (const id of ids) {
    const record = sessions[id] ?? store.archive.read(id);
    expect(record).toEqual(inGroups(expected.records[id] ?? {}));
    const ctx = contextOf(store.state, record, { policy: aPolicy(agentOf("telling")), nowMs: expected.nowMs });
    const seen = { view: toSessionView(record, ctx), explain: explain(record, ctx) };
    const views = { ...seen, metadata: renderBody(toEntries(record)) };
    expect(JSON.stringify(views)).toBe(JSON.stringify(expected.views[id]));
  }
}

function withoutCheckpoints(home: string): void {
  const { checkpoint, previousCheckpoint } = layoutOf(home);
  for (const path of [checkpoint, previousCheckpoint]) rmSync(path, { force: true });
}

it.each(["packed", "plain"] as const)("a %s home of format 4 opens as it was, and again as format 5", (name) => {
  const home = copyOf(name);
  for (const _ of ["taken over", "of this format"]) {
    const store = openReal(home);
    expectSame(store);
    store.close();
    expect(readFileSync(store.layout.format, "utf8")).toBe('{"format":5}\n');
  }
  const layout = layoutOf(home);
  const signer = createSigner(readFileSync(layout.secret, "utf8").trim());
  const saved = readCheckpoint({ fs: realFs, path: layout.checkpoint, signer });
  expect(saved).toMatchObject({
    isSigned: true,
    state: { sessions: { "app-20": { pr: { seenAt: expect.any(String) } } } },
  });
});

it.each(["packed", "plain"] as const)("the log of a %s home of format 4 alone gives the same", (name) => {
  const home = copyOf(name);
  withoutCheckpoints(home);
  openReal(home).close();
  // From lines of both formats.
  withoutCheckpoints(home);
  const store = openReal(home);
  expectSame(store);
  store.close();
});

it("the metadata files stay as they were, but for the line that they reflect", () => {
  const home = copyOf("plain");
  const file = (id: string) => readFileSync(layoutOf(home).project("0123456789ab", "app").metadata(id), "utf8");
  openReal(home).close();
  for (const id of ["app-1", "app-2", "app-3", "app-4", "app-20"]) {
    expect(file(id)).toContain(`\n${expected.views[id]?.metadata}#end `);
  }
});

it.each([2, 3])("a checkpoint of format %i is used", (format) => {
  const home = copyOf("plain");
  const { checkpoint, format: mark, secret, events } = layoutOf(home);
  const signer = createSigner(readFileSync(secret, "utf8").trim());
  const { m: _m, c: _c, ...saved } = openLine(readFileSync(checkpoint).subarray(0, -1)) ?? {};
  const { line } = sealLine({ ...saved, format }, signer, "checkpoint");
  writeFileSync(checkpoint, Buffer.concat([line, Buffer.from("\n")]));
  writeFileSync(mark, `{"format":${format}}\n`);
  expect(readdirSync(events)).toHaveLength(1);
  const store = openReal(home);
  expectSame(store);
  store.close();
});

it("a home of format 1 opens as it was", () => {
  const home = copyOf("plain");
  toFormat1(home);
  const store = openReal(home);
  // Format 1 had no records of their own.
  expectSame(
    store,
    Object.keys(expected.records).filter((id) => id in store.state.sessions),
  );
  store.close();
});
