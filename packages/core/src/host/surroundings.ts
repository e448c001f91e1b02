/**
 * Variables that speak of the place a command was called from: the repository, script, terminal or debugger around it. In
 * another checkout they are wrong, and git's would send a program's work into the caller's repository. Nothing that `ao`
 * starts gets them. What the user chose for all their programs (access, proxies, preferences) stays.
 * docs/environment.md gives the reason for each; its test holds the two lists together.
 */
interface Rule {
  /** `*` at the end stands for anything. */
  names: readonly string[];
  /** Only where this one is set too: it tells who set the others. */
  beside?: string;
  /** Only with this value. */
  value?: string;
}

const GIT: Rule[] = [
  {
    names: [
      // `git rev-parse --local-env-vars`, of all versions so far
      "GIT_DIR",
      "GIT_WORK_TREE",
      "GIT_IMPLICIT_WORK_TREE",
      "GIT_COMMON_DIR",
      "GIT_INDEX_FILE",
      "GIT_OBJECT_DIRECTORY",
      "GIT_ALTERNATE_OBJECT_DIRECTORIES",
      "GIT_GRAFT_FILE",
      "GIT_SHALLOW_FILE",
      "GIT_NO_REPLACE_OBJECTS",
      "GIT_REPLACE_REF_BASE",
      "GIT_PREFIX",
      "GIT_INTERNAL_*",
      "GIT_CONFIG",
      "GIT_CONFIG_PARAMETERS",
      "GIT_CONFIG_COUNT",
      "GIT_CONFIG_KEY_*",
      "GIT_CONFIG_VALUE_*",
      // the same kind, which that list leaves out
      "GIT_CEILING_DIRECTORIES",
      "GIT_DISCOVERY_ACROSS_FILESYSTEM",
      "GIT_NOTES_REF",
      "GIT_NAMESPACE",
      "GIT_ATTR_SOURCE",
      "GIT_QUARANTINE_PATH",
      "GIT_PUSH_OPTION_*",
      "GIT_PUSH_CERT*",
      "GIT_PROTOCOL",
      "GIT_LITERAL_PATHSPECS",
      "GIT_GLOB_PATHSPECS",
      "GIT_NOGLOB_PATHSPECS",
      "GIT_ICASE_PATHSPECS",
      "GIT_PAGER_IN_USE",
      "GIT_DIFF_PATH_*",
      "GIT_DIFF_TOOL",
      "GIT_DIFFTOOL_*",
      "GIT_MERGE_TOOL",
      "GIT_MERGETOOL_GUI",
      "GIT_OPTIONAL_LOCKS",
      "GIT_NO_LAZY_FETCH",
      "GIT_PROTOCOL_FROM_USER",
      "GIT_REF_PARANOIA",
      "GIT_ADVICE",
      "GIT_FLUSH",
      "GIT_EXT_SERVICE*",
      "GIT_REDIRECT_*",
      // of the commit, merge or rebase under way
      "GIT_AUTHOR_NAME",
      "GIT_AUTHOR_EMAIL",
      "GIT_AUTHOR_DATE",
      "GIT_COMMITTER_NAME",
      "GIT_COMMITTER_EMAIL",
      "GIT_COMMITTER_DATE",
      "GIT_REFLOG_ACTION",
      "GIT_CHERRY_PICK_HELP",
      "GITHEAD_*",
      // of one call that is being traced
      "GIT_TRACE*",
      "GIT_TRACE2*",
      "GIT_CURL_VERBOSE",
    ],
  },
  { names: ["GIT_EDITOR", "GIT_SEQUENCE_EDITOR"], value: ":" },
  { names: ["GIT_EXEC_PATH"], beside: "GIT_PREFIX" },
];

const HOOK_RUNNERS: Rule[] = [
  {
    names: [
      "HUSKY_GIT_PARAMS",
      "HUSKY_GIT_STDIN",
      "husky_skip_init",
      "PRE_COMMIT",
      "PRE_COMMIT_FROM_REF",
      "PRE_COMMIT_TO_REF",
      "PRE_COMMIT_SOURCE",
      "PRE_COMMIT_ORIGIN",
      "PRE_COMMIT_LOCAL_BRANCH",
      "PRE_COMMIT_REMOTE_*",
      "PRE_COMMIT_CHECKOUT_TYPE",
      "PRE_COMMIT_IS_SQUASH_MERGE",
      "PRE_COMMIT_REWRITE_COMMAND",
      "PRE_COMMIT_COMMIT_*",
      "PRE_COMMIT_PRE_REBASE_*",
    ],
  },
];

const SCRIPT_RUNNERS: Rule[] = [
  {
    names: [
      "INIT_CWD",
      "PROJECT_CWD",
      "PNPM_SCRIPT_SRC_DIR",
      "BERRY_BIN_FOLDER",
      "npm_lifecycle_*",
      "npm_package_*",
      "npm_command",
      "npm_execpath",
      "npm_node_execpath",
      "npm_config_argv",
      "npm_config_global",
      "npm_config_local_prefix",
      "npm_config_user_agent",
      "npm_config_workspace",
      "npm_config_workspaces",
      "npm_config_include_workspace_root",
      "npm_config_recursive",
      "npm_config_filter",
      "CARGO_MANIFEST_DIR",
      "CARGO_MANIFEST_PATH",
      "CARGO_MAKEFLAGS",
      "CARGO_PKG_*",
      "BUNDLE_BIN_PATH",
      "BUNDLER_SETUP",
      "BUNDLER_VERSION",
      "MAKELEVEL",
    ],
  },
  { names: ["MAKEFLAGS", "MFLAGS", "MAKEOVERRIDES"], beside: "MAKELEVEL" },
  { names: ["BUNDLE_GEMFILE"], beside: "BUNDLE_BIN_PATH" },
];

const CALLER: Rule[] = [
  {
    names: [
      "PWD",
      "OLDPWD",
      "SHLVL",
      "_",
      "COLUMNS",
      "LINES",
      "WINDOWID",
      "STY",
      "TMUX",
      "TMUX_PANE",
      "TMUX_TMPDIR",
      "ZELLIJ*",
      "TERM_SESSION_ID",
      "ITERM_SESSION_ID",
      "KITTY_WINDOW_ID",
      "WEZTERM_PANE",
      "NODE_CHANNEL_FD",
      "NODE_CHANNEL_SERIALIZATION_MODE",
      "NODE_UNIQUE_ID",
      "NODE_TEST_CONTEXT",
      "NODE_V8_COVERAGE",
      "VSCODE_INSPECTOR_OPTIONS",
      "NOTIFY_SOCKET",
      "WATCHDOG_PID",
      "WATCHDOG_USEC",
      "LISTEN_FDS",
      "LISTEN_PID",
      "LISTEN_FDNAMES",
    ],
  },
];

/** Every name and pattern, for the docs. */
export const SURROUNDINGS: readonly Rule[] = [...GIT, ...HOOK_RUNNERS, ...SCRIPT_RUNNERS, ...CALLER];

/** Flags within a variable that otherwise is the user's. */
const FLAGS: Readonly<Record<string, RegExp>> = {
  // A debugger's: the program would wait for it, or take its port.
  NODE_OPTIONS: /(^|\s)--inspect(?:-[a-z-]+)?(?:=\S+)?(?=\s|$)/g,
  // `bundle exec`'s: without the Gemfile that was called from, every ruby would fail.
  RUBYOPT: /(^|\s)-r\s*\S*bundler\/setup(?=\s|$)/g,
};

const EXACT = new Map<string, Rule>();
const BEGINNINGS: { text: string; rule: Rule }[] = [];
for (const rule of SURROUNDINGS) {
  for (const name of rule.names) {
    if (name.endsWith("*")) BEGINNINGS.push({ text: name.slice(0, -1), rule });
    else EXACT.set(name, rule);
  }
}

/** A copy without what speaks of the place it comes from. */
export function withoutSurroundings(env: Readonly<Record<string, string>>): Record<string, string> {
  const kept = Object.entries(env).filter(([name, value]) => !isOfTheCaller(env, name, value));
  return Object.fromEntries(kept.flatMap(([name, value]) => withoutFlags(name, value)));
}

function isOfTheCaller(env: Readonly<Record<string, string>>, name: string, value: string): boolean {
  const rule = EXACT.get(name) ?? BEGINNINGS.find(({ text }) => name.startsWith(text))?.rule;
  if (rule === undefined) return false;
  if (rule.value !== undefined && rule.value !== value) return false;
  return rule.beside === undefined || Object.hasOwn(env, rule.beside);
}

function withoutFlags(name: string, value: string): [string, string][] {
  const flags = Object.hasOwn(FLAGS, name) ? FLAGS[name] : undefined;
  if (flags === undefined || value.search(flags) === -1) return [[name, value]];
  const rest = value.replace(flags, "").trim();
  return rest === "" ? [] : [[name, rest]];
}
