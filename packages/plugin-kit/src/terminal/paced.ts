/** At most four hints of a kind per second. */
const PAUSE_MS = 250;

export interface Paced<Kind> {
  hint(kind: Kind): void;
  stop(): void;
}

/** Sends hints of a kind with a pause between them. The last one is never dropped. */
export function paced<Kind>(send: (kind: Kind) => void): Paced<Kind> {
  const pausing = new Map<Kind, { timer: NodeJS.Timeout; again: boolean }>();
  function hint(kind: Kind): void {
    const pause = pausing.get(kind);
    if (pause !== undefined) {
      pause.again = true;
      return;
    }
    send(kind);
    const timer = setTimeout(() => {
      const isDue = pausing.get(kind)?.again;
      pausing.delete(kind);
      if (isDue) hint(kind);
    }, PAUSE_MS);
    pausing.set(kind, { timer, again: false });
  }
  return {
    hint,
    stop() {
      for (const { timer } of pausing.values()) clearTimeout(timer);
    },
  };
}
