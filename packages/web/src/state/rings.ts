import { notify } from "./toasts.ts";

/** Whether the browser shows what rings. Then the daemon counts this page as somebody who is told. */
export const canRing = (): boolean => typeof Notification !== "undefined" && Notification.permission === "granted";

export const mayAskToRing = (): boolean =>
  typeof Notification !== "undefined" && Notification.permission === "default" && isSecureContext;

export function showRing(text: string): void {
  if (document.hidden && canRing()) new Notification("ao", { body: text, tag: text });
  else notify(text);
}
