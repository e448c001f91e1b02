/** Called where the work must not be left any more, just before it writes. Throws if its caller has given up by then. */
export type Proceed = () => void;

/**
 * What `work` returns, or the signal's reason as soon as it aborts. Work that is left goes on: it may only read, or it calls
 * `proceed` before it writes, from where the caller waits for its end.
 */
export async function untilAborted<T>(
  signal: AbortSignal | undefined,
  work: (proceed: Proceed) => Promise<T>,
): Promise<T> {
  if (signal === undefined) return work(() => undefined);
  signal.throwIfAborted();
  let onAbort = (): void => undefined;
  const release = () => signal.removeEventListener("abort", onAbort);
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
  });
  const proceed = () => {
    signal.throwIfAborted();
    release();
  };
  try {
    return await Promise.race([work(proceed), aborted]);
  } finally {
    release();
  }
}
