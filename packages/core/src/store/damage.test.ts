import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { expect, it } from "vitest";
import { createJudge } from "./judge.ts";
import { recoverLog } from "./recover.ts";
import { type LogRecord, scanSegment } from "./segment.ts";
import { createSigner } from "./signer.ts";
import { memFs, newNode } from "./testing/mem-fs.ts";
import { changed, facts, openMem, openReal, sampleSession, withSession, wrongInLog } from "./testing/sample.ts";

/** A log of twelve commits of one to four lines, and which lines belong to which commit. */
function sampleLog(): { bytes: Buffer; commits: number[][]; secret: string } {
  const disk = memFs();
  const store = openMem(disk, { segmentBytes: 1 << 20 });
  const commits = [[1]];
  for (let number = 1; number <= 12; number++) {
    const first = store.state.seq + 1;
    const draft = {
      type: "session.working",
      message: `event ${number} ünïcode`,
      data: { text: "y".repeat(300) },
    } as const;
    const events = Array.from({ length: number % 4 }, () => ({ draft, sessionId: "app-1", projectId: "app" }));
    store.commit({ next: changed(store.state, "app-1", { turns: number, summary: "z".repeat(200) }), events });
    commits.push(Array.from({ length: store.state.seq - first + 1 }, (_, index) => first + index));
  }
  const events = disk.root.names.get("home")?.names.get("events")?.names;
  const secret = disk.root.names.get("home")?.names.get("daemon")?.names.get("secret")?.bytes.toString().trim() ?? "";
  return { bytes: [...(events?.values() ?? [])][0]?.bytes ?? Buffer.alloc(0), commits, secret };
}

/** What a start reads from a log of one segment with these bytes. */
function recoverBytes(bytes: Buffer, secret: string) {
  const disk = memFs();
  const events = newNode(true, 0o700);
  const segment = newNode(false, 0o600);
  segment.bytes = bytes;
  events.names.set("0000000000000001.jsonl", segment);
  disk.root.names.set("events", events);
  const records: LogRecord[] = [];
  const onRecord = (record: LogRecord) => records.push(record);
  const judge = createJudge(createSigner(secret), null);
  const recovered = recoverLog({
    fs: disk,
    dir: "/events",
    quarantineDir: "/quarantine",
    afterSeq: 0,
    judge,
    onRecord,
  });
  const evidence = [...(disk.root.names.get("quarantine")?.names.values() ?? [])][0]?.bytes ?? null;
  return { ...recovered, seqs: records.map(({ seq }) => seq), kept: segment.bytes, evidence };
}

it("keeps every whole commit of a log that is cut anywhere in its last 4096 bytes", { timeout: 120_000 }, () => {
  const { bytes, commits, secret } = sampleLog();
  const ends = [...scanSegment(bytes)].map((piece) => ({ seq: piece.record?.seq ?? 0, end: piece.end }));
  let cut = 0;
  for (let length = bytes.length - Math.min(4096, bytes.length - 1); length <= bytes.length; length++) {
    // A line is whole without its newline.
    const whole = new Set(ends.filter(({ end }) => end <= length + 1).map(({ seq }) => seq));
    const expected = commits.filter((commit) => commit.every((seq) => whole.has(seq))).flat();
    const found = recoverBytes(bytes.subarray(0, length), secret);
    expect(found.seqs).toEqual(expected);
    const removed = length - found.kept.length;
    if (removed > 0) expect(found.evidence?.equals(bytes.subarray(found.kept.length, length))).toBe(true);
    cut = Math.max(cut, removed);
    expect(found.tail.nextSeq).toBeGreaterThan(expected.at(-1) ?? 0);
  }
  console.log(`4096 cuts: every whole commit kept, at most ${cut} bytes cut`);
});

it("loses and cuts no intact line when a bit flips in the last lines", {
  timeout: 120_000,
}, () => {
  const { bytes, secret } = sampleLog();
  const pieces = [...scanSegment(bytes)];
  const from = pieces.at(-3)?.start ?? 0;
  let flips = 0;
  for (let at = from; at < bytes.length; at++) {
    for (let bit = 0; bit < 8; bit++) {
      const damaged = Buffer.from(bytes);
      damaged[at] = (damaged[at] ?? 0) ^ (1 << bit);
      // A line is intact if its own bytes are. The newline after it is not one of them.
      const intact = pieces.filter(({ start, end }) => at < start || at >= end - 1).map(({ record }) => record?.seq);
      const found = recoverBytes(damaged, secret);
      flips += 1;
      if (JSON.stringify(found.seqs) !== JSON.stringify(intact)) {
        expect({ at, bit, seqs: found.seqs }).toEqual({ at, bit, seqs: intact });
      }
      if (found.problems.length === 0) expect({ at, bit, problems: 0 }).toBeNull();
    }
  }
  console.log(`${flips} flipped bits: no intact line lost, each one reported`);
});

it("cuts trailing NUL bytes, keeps a copy, and continues in the same segment", () => {
  const { bytes, commits, secret } = sampleLog();
  for (const length of [1, 100, 4096, 60_000]) {
    const found = recoverBytes(Buffer.concat([bytes, Buffer.alloc(length)]), secret);
    expect(found.kept.equals(bytes)).toBe(true);
    expect(found.evidence?.length).toBe(length);
    expect(found.seqs).toEqual(commits.flat());
    expect(found.tail.segment).toBe("0000000000000001.jsonl");
    expect(found.problems.map(({ kind }) => kind)).toEqual(["log-torn"]);
  }
});

it("cuts no more than it can prove torn, and continues in a new segment", () => {
  const { bytes, secret } = sampleLog();
  const lastSeq = [...scanSegment(bytes)].at(-1)?.record?.seq ?? 0;
  for (const rubbish of [Buffer.alloc(70_000), Buffer.from("not ours\n"), Buffer.from('{"seq":1}\nnot ours\n')]) {
    const damaged = Buffer.concat([bytes, rubbish]);
    const found = recoverBytes(damaged, secret);
    expect(found.kept.equals(damaged)).toBe(true);
    expect(found.tail.segment).toBeNull();
    expect(found.tail.nextSeq).toBeGreaterThan(lastSeq + 1);
    expect(found.problems[0]?.kind).toBe("log-damaged");
  }
});

const sha = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");

it("starts and serves everything else when a byte in an old segment was flipped, and leaves that file unchanged", () => {
  const home = tempDir("ao-store");
  const store = openReal(home, { segmentBytes: 2000 });
  for (let number = 1; number <= 40; number++) {
    const draft = { type: "session.working", message: `event ${number}`, data: {} } as const;
    const events = [{ draft, sessionId: "app-1", projectId: "app" }];
    store.commit({ next: changed(store.state, "app-1", { turns: number }), events });
  }
  const before = facts(store.state);
  store.close();
  const first = join(home, "events", readdirSync(join(home, "events"))[1] ?? "");
  const bytes = readFileSync(first);
  bytes[Math.floor(bytes.length / 2)] = (bytes[Math.floor(bytes.length / 2)] ?? 0) ^ 4;
  writeFileSync(first, bytes);
  const again = openReal(home);
  const told = [...again.log.read({ filter: { isPublic: true } })];
  expect(facts(again.state)).toEqual(before);
  expect(told.length).toBeGreaterThanOrEqual(39);
  expect(wrongInLog(home).map(({ kind, path }) => ({ kind, path }))[0]).toEqual({
    kind: "log-damaged",
    path: first,
  });
  expect(sha(readFileSync(first))).toBe(sha(bytes));
  again.close();
});

it("shows 99 good sessions when one does not parse, and keeps that one for a version that can read it", () => {
  const home = tempDir("ao-store");
  const store = openReal(home);
  let next = store.state;
  for (let number = 1; number <= 100; number++) {
    const bad = number === 50 ? { status: "from-the-future", note: "kept" } : {};
    next = withSession(next, sampleSession(`app-${number}`, bad as never));
  }
  store.commit({ next, events: [] });
  store.close();
  for (let start = 0; start < 2; start++) {
    const again = openReal(home);
    expect(Object.keys(again.state.sessions)).toHaveLength(99);
    const [found] = again.problems;
    expect(found).toMatchObject({ kind: "session-damaged", sessionId: "app-50" });
    expect(JSON.parse(readFileSync(found?.keptAt ?? "", "utf8"))).toMatchObject({ note: "kept" });
    again.commit({ next: changed(again.state, "app-1", { turns: start + 1 }), events: [] });
    again.close();
  }
});

it("completes a session that was written before some of its members existed", () => {
  const home = tempDir("ao-store");
  const store = openReal(home);
  const { messages: _m, isPaused: _p, summary: _s, extra: _e, status: _st, ...old } = sampleSession("app-1");
  const { messages: _m2, isPaused: _p2, summary: _s2, extra: _e2, ...fresh } = sampleSession("app-2");
  store.commit({ next: withSession(withSession(store.state, old as never), fresh as never), events: [] });
  store.close();
  const again = openReal(home);
  expect(again.state.sessions["app-2"]).toEqual(sampleSession("app-2"));
  expect(again.problems.map(({ sessionId }) => sessionId)).toEqual(["app-1"]);
  again.close();
});

it("replays everything when the checkpoint is damaged", () => {
  const home = tempDir("ao-store");
  const store = openReal(home);
  store.commit({ next: changed(store.state, "app-1", { turns: 7 }), events: [] });
  store.close();
  const path = store.layout.checkpoint;
  const text = readFileSync(path, "utf8");
  for (const damaged of [text.replace('"turns":7', '"turns":8'), "", "{", "null\n"]) {
    writeFileSync(path, damaged);
    const again = openReal(home);
    expect(again.state.sessions["app-1"]?.turns).toBe(7);
    expect(again.problems.map(({ kind }) => kind)).toEqual(["checkpoint-damaged"]);
    again.close();
  }
});

it("refuses a folder of a newer version and leaves it unchanged", () => {
  const home = tempDir("ao-store");
  openReal(home).close();
  const format = join(home, "daemon", "format.json");
  writeFileSync(format, '{"format":6}\n');
  const events = readFileSync(join(home, "events", "0000000000000001.jsonl"));
  expect(() => openReal(home)).toThrow(expect.objectContaining({ code: "STATE_NEWER" }));
  expect(readFileSync(join(home, "events", "0000000000000001.jsonl")).equals(events)).toBe(true);
});

it("reports something in a segment's place that is not a file, and continues", () => {
  const home = tempDir("ao-store");
  openReal(home).close();
  mkdirSync(join(home, "events", "0000000000000900.jsonl"));
  const store = openReal(home);
  expect(store.problems[0]).toMatchObject({ kind: "log-damaged" });
  store.commit({ next: { ...store.state, isPaused: true }, events: [] });
  store.close();
});
