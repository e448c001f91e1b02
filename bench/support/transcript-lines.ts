const FILLER = "The quick brown fox jumps over the lazy dog, and then it reads another file of the project. ".repeat(
  20,
);

/** Turns as Claude Code 2.1 writes them: a prompt, an answer in two lines with one usage, a tool's result, a last word, its duration. */
export function transcriptLines(
  { id, cwd }: { id: string; cwd: string },
  { turns, from }: { turns: number; from: number },
): string {
  const lines: string[] = [];
  for (let turn = from; turn < from + turns; turn += 1) {
    const timestamp = new Date().toISOString();
    const common = {
      isSidechain: false,
      timestamp,
      cwd,
      sessionId: id,
      version: "2.1.332",
      gitBranch: "main",
      userType: "external",
    };
    const usage = {
      input_tokens: 10,
      cache_creation_input_tokens: 5,
      cache_read_input_tokens: 1_000,
      output_tokens: 42,
    };
    const answer = (part: string, content: object[], stop: string) => ({
      ...common,
      type: "assistant",
      uuid: `${turn}-${part}`,
      message: {
        id: `msg_${turn}_${part[0]}`,
        role: "assistant",
        type: "message",
        model: "claude-opus-5-5",
        stop_reason: stop,
        usage,
        content,
      },
    });
    const tool = { type: "tool_use", id: `toolu_${turn}`, name: "Read", input: { file_path: `${cwd}/a.txt` } };
    lines.push(
      JSON.stringify({
        ...common,
        type: "user",
        uuid: `${turn}-u`,
        origin: { kind: "human" },
        promptSource: "typed",
        message: { role: "user", content: `prompt ${turn}` },
      }),
      JSON.stringify(answer("a1", [{ type: "text", text: "I read it." }], "tool_use")),
      JSON.stringify(answer("a2", [tool], "tool_use")),
      JSON.stringify({
        ...common,
        type: "user",
        uuid: `${turn}-r`,
        message: { role: "user", content: [{ type: "tool_result", tool_use_id: tool.id, content: FILLER }] },
      }),
      JSON.stringify(answer("b", [{ type: "text", text: "Done." }], "end_turn")),
      JSON.stringify({ ...common, type: "system", subtype: "turn_duration", durationMs: 900 }),
    );
  }
  return `${lines.join("\n")}\n`;
}
