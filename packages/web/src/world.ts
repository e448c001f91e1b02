/** The only door of the page to clock, chance, storage and the browser's preferences. */

export const nowMs = (): number => Date.now();

export const newId = (): string => crypto.randomUUID();

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Storage may be refused (private windows). Then nothing is kept. */
export function recall(key: string): string | null {
  try {
    return localStorage.getItem(`ao.${key}`);
  } catch {
    return null; // as if nothing had been kept
  }
}

export function keep(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(`ao.${key}`);
    else localStorage.setItem(`ao.${key}`, value);
  } catch {
    return; // it lasts as long as the page
  }
}

export const matches = (query: string): MediaQueryList => matchMedia(query);
