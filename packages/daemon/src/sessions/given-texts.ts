import { join } from "node:path";
import { listDir, readText } from "@agent-orchestrator/core/host/files";
import type { GivenText } from "@agent-orchestrator/core/protocol/results";

const MAX_BYTES = 1024 * 1024;
const LATER = /^(continue|handoff)-(\d+)\.md$/;

/** What the agents of a session were given, word for word: the current instructions, the first message, and those of later starts. */
export function givenTexts(sessionDir: string): GivenText[] {
  const read = (part: GivenText["part"], name: string, launch: number | null): GivenText[] => {
    const text = readText(join(sessionDir, name), { maxBytes: MAX_BYTES });
    return text === null ? [] : [{ part, launch, text }];
  };
  const later = (listDir(sessionDir) ?? []).flatMap((name) => {
    const [, kind, launch] = LATER.exec(name) ?? [];
    if (kind === undefined) return [];
    return read(kind === "handoff" ? "handoff" : "continuation", name, Number(launch));
  });
  return [
    ...read("instructions", "instructions.md", null),
    ...read("first message", "prompt.md", 1),
    ...later.sort((a, b) => (a.launch ?? 0) - (b.launch ?? 0)),
  ];
}
