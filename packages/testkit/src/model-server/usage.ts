/** aimock reports only input and output. Cache reads and writes are added to them, under each vendor's names. */
export function withCacheCounts(chunk: string, usage: Record<string, number> | undefined): string {
  const { cacheRead = 0, cacheWrite = 0, input = 0 } = usage ?? {};
  if (cacheRead === 0 && cacheWrite === 0) return chunk;
  return chunk
    .replace(/"input_tokens":(\d+),"output_tokens":(\d+)(?!,"total)/g, (_all, _in, out) =>
      [
        `"input_tokens":${input},"output_tokens":${out}`,
        `"cache_read_input_tokens":${cacheRead},"cache_creation_input_tokens":${cacheWrite}`,
      ].join(","),
    )
    .replace(/"input_tokens":(\d+),"output_tokens":(\d+),"total_tokens":(\d+)/g, (_all, _in, out) =>
      [
        `"input_tokens":${input + cacheRead},"input_tokens_details":{"cached_tokens":${cacheRead}}`,
        `"output_tokens":${out},"total_tokens":${input + cacheRead + Number(out)}`,
      ].join(","),
    )
    .replace(/"prompt_tokens":(\d+),"completion_tokens":(\d+),"total_tokens":(\d+)/g, (_all, _in, out) =>
      [
        `"prompt_tokens":${input + cacheRead},"prompt_tokens_details":{"cached_tokens":${cacheRead}}`,
        `"completion_tokens":${out},"total_tokens":${input + cacheRead + Number(out)}`,
      ].join(","),
    );
}
