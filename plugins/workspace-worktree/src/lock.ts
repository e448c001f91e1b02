/** The reason of the lock on our worktrees: `git worktree prune` and `remove` leave them alone. */
export const lockReason = (sessionId: string): string => `ao:${sessionId}`;
