import type { ComponentChildren } from "preact";
import { Refused } from "../connect/daemon.ts";

/** A page or a part of one that has nothing to show, and what to do about it. */
export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <p class="empty-title">{title}</p>
      {children}
    </div>
  );
}

export function Loading({ what }: { what: string }) {
  return (
    <div class="loading" role="status">
      <span class="visually-hidden">Loading {what}</span>
      <span class="bar" />
      <span class="bar" />
      <span class="bar" />
    </div>
  );
}

export function Problem({ error, onRetry }: { error: Error; onRetry?(): void }) {
  return (
    <div class="problem" role="alert">
      <p>{error.message}</p>
      {error instanceof Refused && error.hint !== undefined && <p class="hint">{error.hint}</p>}
      {onRetry !== undefined && (
        <button type="button" onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  );
}
