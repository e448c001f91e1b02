import type { Draft } from "../draft.ts";

export function react(_draft: Draft): void {
  return;
}
