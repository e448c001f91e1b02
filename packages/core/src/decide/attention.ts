import type { Draft } from "./draft.ts";

export function updateAttention(_draft: Draft): void {
  return;
}
