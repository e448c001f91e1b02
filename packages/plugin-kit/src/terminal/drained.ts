const DRAIN_MS = 5_000;

/** Resolves when the other side has read what was written, or after a while. The bytes stay in order either way. */
export function drained(write: (done: () => void) => unknown): Promise<void> {
  return new Promise((done) => {
    const timer = setTimeout(done, DRAIN_MS);
    write(() => {
      clearTimeout(timer);
      done();
    });
  });
}
