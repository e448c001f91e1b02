import { signal } from "@preact/signals";
import { type Route, routeOf } from "./routes.ts";

const here = (): Route => routeOf(location.pathname, location.hash);

export const route = signal<Route>(here());

export function go(path: string, { replace = false } = {}): void {
  if (replace) history.replaceState(null, "", path);
  else history.pushState(null, "", path);
  route.value = here();
}

/** Links of the page itself do not load it again. */
export function startRouter(): void {
  addEventListener("popstate", () => {
    route.value = here();
  });
  addEventListener("hashchange", () => {
    route.value = here();
  });
  document.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
    const link = (event.target as Element | null)?.closest?.("a[href]");
    if (!(link instanceof HTMLAnchorElement) || link.target !== "" || link.origin !== location.origin) return;
    event.preventDefault();
    go(link.pathname + link.hash);
  });
}
