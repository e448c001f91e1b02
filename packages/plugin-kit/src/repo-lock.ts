/** The last task of each queue. One daemon is the only writer, so a queue in memory is the whole lock. */
const tails = new Map<string, Promise<unknown>>();

/**
 * Runs `task` when all tasks before it under the same key have ended. The key is the real path of a repository's common
 * folder: parallel `git worktree add` calls fail now and then, and moving a ref is look-then-act.
 */
export function withRepoLock<T>(key: string, task: () => Promise<T>): Promise<T> {
  const before = tails.get(key) ?? Promise.resolve();
  const run = before.then(task, task);
  tails.set(key, run);
  const forget = () => {
    if (tails.get(key) === run) tails.delete(key);
  };
  run.then(forget, forget);
  return run;
}
