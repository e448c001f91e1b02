import { signal } from "@preact/signals";
import { Refused } from "../connect/daemon.ts";
import { newId, sleep } from "../world.ts";

export interface Toast {
  id: string;
  tone: "info" | "bad";
  text: string;
  hint?: string | undefined;
}

export const toasts = signal<readonly Toast[]>([]);

const STAY_MS = { info: 5_000, bad: 15_000 };

export function dismiss(id: string): void {
  toasts.value = toasts.value.filter((toast) => toast.id !== id);
}

function show(toast: Omit<Toast, "id">): void {
  const id = newId();
  toasts.value = [...toasts.value.slice(-3), { ...toast, id }];
  void sleep(STAY_MS[toast.tone]).then(() => dismiss(id));
}

export const notify = (text: string): void => show({ tone: "info", text });

/** What was refused or failed, in the daemon's own words. */
export function complain(error: unknown): void {
  const text = error instanceof Error ? error.message : String(error);
  show({ tone: "bad", text, hint: error instanceof Refused ? error.hint : undefined });
}
