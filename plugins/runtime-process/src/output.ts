import { plainLines } from "@agent-orchestrator/plugin-kit/terminal/plain-lines";
import { readTail } from "./runner/tail-file.ts";

const BYTES_PER_LINE = 400;
const MAX_BYTES = 2 * 1024 * 1024;

export const lastOutput = (dir: string, lines: number): string =>
  plainLines(readTail(dir, Math.min(MAX_BYTES, 64 * 1024 + lines * BYTES_PER_LINE)), lines);
