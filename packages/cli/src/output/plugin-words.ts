// Generated from the plugins' manifests by `npm run docs`.

/** Names that complete a word. */
export const PLUGIN_NAMES = {
  agent: ["acp", "aider", "claude-code", "codex", "command", "opencode"],
  runtime: ["docker", "process", "tmux"],
  workspace: ["clone", "worktree"],
} as const;

/** Programs whose version tells whether they can be used, with the plugin that needs each. */
export const PLUGIN_PROGRAMS = [
  {
    slot: "runtime",
    plugin: "tmux",
    argv: ["tmux", "-V"],
    hint: "Install tmux 3.2 or newer, or set `runtime: process`.",
  },
] as const;

/** The default runtime, and the one to use where a program of that one is missing. */
export const RUNTIMES = { usual: "tmux", fallback: "process" } as const;
