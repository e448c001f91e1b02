import { createHmac } from "node:crypto";
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { expect, it } from "vitest";
import { world } from "./fixtures/world.ts";

const sealWith = (key: string) => (text: string) => createHmac("sha256", key).update(text).digest("hex");
const seal = sealWith("the daemon's key");

type Fields = Record<string, unknown>;
const read = (path: string) => JSON.parse(readFileSync(path, "utf8")) as Fields;

/** Writes a record as an agent would, which knows its format and everything but the key. */
function forge(path: string, change: (record: Fields) => Fields): void {
  writeFileSync(`${path}.mine`, `${JSON.stringify(change(read(path)), null, 2)}\n`);
  renameSync(`${path}.mine`, path);
}

async function withOnePR() {
  const w = world({ seal, options: { requiredReviews: 1 } });
  const head = w.commit("feat/1", { "a.txt": "changed\n" });
  const pr = await w.open("feat/1");
  const file = join(w.stateDir, "prs/1.json");
  const quarantine = join(w.context.home, "quarantine");
  return { w, pr, head, file, quarantine };
}

const approval = (headSha: string) => ({
  id: "pr1-r1",
  author: "Nobody",
  state: "approved",
  body: "",
  submittedAt: "2026-01-01T00:00:00.000Z",
  headSha,
});

it("keeps and reads what it wrote itself, also after a restart", async () => {
  const { w, pr } = await withOnePR();
  await w.scm.submitReview?.(pr, { state: "approved", body: "Good." });
  const again = w.again();
  expect(again.desk.prs.get("1")?.reviews).toHaveLength(1);
  expect(again.desk.prs.get("1")).not.toHaveProperty("seal");
  expect(again.warnings).toEqual([]);
});

it("sets an approval aside that an agent wrote into the file, and writes the real record again", async () => {
  const { w, head, file, quarantine } = await withOnePR();
  expect(w.desk.prs.get("1")?.reviews).toEqual([]);
  forge(file, (record) => ({ ...record, reviews: [approval(head)] }));
  expect(w.desk.prs.get("1")?.reviews).toEqual([]);
  expect(w.desk.prs.get("1")?.reviews).toEqual([]);
  expect(w.warnings.filter((line) => line.includes("was not written by ao"))).toHaveLength(1);
  expect(read(join(quarantine, readdirSync(quarantine)[0] ?? "")).reviews).toHaveLength(1);
  expect(w.again().desk.prs.get("1")?.reviews).toEqual([]);
});

it("takes a pull request that was forged while no daemon ran for missing, and says so", async () => {
  const { w, head, file, quarantine } = await withOnePR();
  forge(file, (record) => ({ ...record, reviews: [approval(head)] }));
  const again = w.again();
  expect(again.desk.prs.get("1")).toBeNull();
  expect(again.warnings.join()).toContain("prs/1.json was not written by ao");
  expect(readdirSync(quarantine)).toEqual(["scm-prs-1.json.1"]);
  expect(existsSync(file)).toBe(false);
});

it("does not count a record that was copied to another number or folder", async () => {
  const { w, file } = await withOnePR();
  writeFileSync(join(w.stateDir, "prs/2.json"), readFileSync(file));
  const again = w.again();
  expect([...again.desk.prs.all().keys()]).toEqual(["1"]);
});

it("runs a check again whose result an agent wrote", async () => {
  const w = world({ seal, options: { ci: [{ name: "test", run: "exit 1" }] } });
  const head = w.commit("feat/1", { "a.txt": "changed\n" });
  await w.open("feat/1");
  await w.watch();
  const result = () => w.desk.checks.get(head)?.results.test;
  await waitFor(() => result()?.status === "failed", { what: "the first verdict", timeoutMs: 20_000 });
  const file = join(w.stateDir, `checks/${head}.json`);
  forge(file, (record) => {
    const { test } = record.results as Record<string, Fields>;
    return { ...record, results: { test: { ...test, status: "passed", conclusion: "success" } } };
  });
  expect(result()?.status).toBe("failed");
  await waitFor(() => read(file).seal !== undefined, { what: "the real result in the file" });
  forge(file, (record) => ({ ...record, results: {}, seal: "f".repeat(64) }));
  const again = w.again();
  expect(again.desk.checks.get(head)).toBeNull();
});

it("seals what an earlier version left, once", async () => {
  const w = world({});
  w.commit("feat/1", { "a.txt": "changed\n" });
  await w.open("feat/1");
  const file = join(w.stateDir, "prs/1.json");
  expect(read(file)).not.toHaveProperty("seal");
  const first = w.again({}, seal);
  expect(first.desk.prs.get("1")?.branch).toBe("feat/1");
  expect(read(file)).toHaveProperty("seal");
  // From now on a record without a seal is nobody's, also where the mark is removed that says so.
  writeFileSync(join(w.stateDir, "prs/2.json"), JSON.stringify({ ...read(file), number: 2, seal: undefined }));
  rmSync(join(w.stateDir, "sealed.json"));
  const second = w.again({}, seal);
  expect([...second.desk.prs.all().keys()]).toEqual(["1"]);
});

it("seals everything again when the daemon's secret was lost", async () => {
  const { w } = await withOnePR();
  const again = w.again({}, sealWith("a new key"));
  expect(again.desk.prs.get("1")?.branch).toBe("feat/1");
  expect(again.warnings.join()).toContain("sealed the records");
});
