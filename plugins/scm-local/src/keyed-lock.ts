const tails = new Map<string, Promise<unknown>>();

/** One at a time per key, in order of asking; over all instances of this plugin in the process. */
export async function locked<T>(key: string, work: () => Promise<T>): Promise<T> {
  const before = tails.get(key) ?? Promise.resolve();
  const mine = before.then(work, work);
  tails.set(key, mine);
  try {
    return await mine;
  } finally {
    if (tails.get(key) === mine) tails.delete(key);
  }
}
