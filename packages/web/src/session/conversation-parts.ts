import { cleanForTerminal } from "@agent-orchestrator/core/model/text";

export type Part =
  | { kind: "said"; by: string; isUser: boolean; text: string }
  /** Calls of tools that follow each other. */
  | { kind: "tools"; calls: string[] };

const SPEAKER = /^([A-Z][\w -]{0,30}): /;
const TOOL = /^\[[^\]\n]{1,80}\]/;

/** An agent's own transcript, in turns: `User: …`, `Claude: …`, `[Bash] …`, with blank lines between them. */
export function partsOf(transcript: string): Part[] {
  const parts: Part[] = [];
  for (const block of cleanForTerminal(transcript)
    .trim()
    .split(/\n{2,}/)) {
    const last = parts.at(-1);
    const speaker = SPEAKER.exec(block);
    if (TOOL.test(block)) {
      if (last?.kind === "tools") last.calls.push(block);
      else parts.push({ kind: "tools", calls: [block] });
    } else if (speaker !== null) {
      const [head, by = ""] = speaker;
      parts.push({ kind: "said", by, isUser: by === "User", text: block.slice(head.length) });
    } else if (last?.kind === "said") last.text += `\n\n${block}`;
    else if (block !== "") parts.push({ kind: "said", by: "", isUser: false, text: block });
  }
  return parts;
}
