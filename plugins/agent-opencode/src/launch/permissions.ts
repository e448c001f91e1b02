import { allowedCommands, type PermissionMode } from "@agent-orchestrator/plugin-kit/permissions";

export type Action = "allow" | "ask" | "deny";
export type Rules = Record<string, Action>;
/** `permission` in OpenCode's config: for each kind one action, or actions by pattern, of which the last match counts. */
export type PermissionConfig = Record<string, Action | Rules>;

/** The parts of the user's own config, with all files merged, that our rules must not undo. */
export interface UserRules {
  permission: PermissionConfig;
  agents: Record<string, { permission: PermissionConfig; isDisabled: boolean }>;
}

export interface OpenCodePermissions {
  permission?: PermissionConfig;
  agent?: Record<string, { permission: PermissionConfig }>;
}

/** OpenCode's own agents that work, and the read-only ones, which keep their ban on edits. */
const WORKERS = ["build", "general"];
const LOOKERS = ["plan", "explore"];
/** Its own agents for titles and summaries, which call no tools. */
const WRITERS = ["title", "summary", "compaction"];
/** Kinds that ask by default. */
const GUARDS = ["external_directory", "doom_loop"];
const TOOLS = ["bash", "edit", "read", "glob", "grep", "list", "webfetch", "websearch", "task", "skill", "lsp"];
/** Kinds whose rule is one word. With patterns instead, OpenCode (1.18.33) does not start. */
const ONE_WORD = ["todowrite", "question", "webfetch", "websearch", "doom_loop"];

export interface PermissionWish {
  mode: PermissionMode;
  allow: readonly string[];
  /** What the user allowed permanently in this session, by kind. */
  allowed: Readonly<Record<string, readonly string[]>>;
  user: UserRules;
}

/**
 * Our permission mode as OpenCode's rules. They are merged into the user's config, where an existing key keeps its place and the last
 * match counts. So the user's own rules are repeated after our general ones, for each agent. Their "deny" stays a "deny", and their
 * specific rules stay unchanged.
 */
export function permissionConfig(wish: PermissionWish): OpenCodePermissions {
  if (wish.mode === "default") return onlyAllowed(wish);
  const workers = [...WORKERS, ...ownAgents(wish.user)];
  const names = [...workers, ...LOOKERS].filter((name) => wish.user.agents[name]?.isDisabled !== true);
  return {
    agent: Object.fromEntries(
      names.map((name) => [name, { permission: rulesOf(wish, { name, isWorker: workers.includes(name) }) }]),
    ),
  };
}

/** The user's own mode, with only what they allowed by name, in `allow` or in an answer. */
function onlyAllowed({ allow, allowed, user }: PermissionWish): OpenCodePermissions {
  const kinds = { ...allowed, bash: [...allow.map(withRest), ...(allowed.bash ?? [])] };
  const entries = Object.entries(kinds).filter(([, patterns]) => patterns.length > 0);
  if (entries.length === 0) return {};
  const rules = entries.flatMap(([kind, patterns]): [string, Action | Rules][] => {
    const own = user.permission[kind] ?? user.permission["*"];
    if (ONE_WORD.includes(kind)) return own === "deny" || !patterns.includes("*") ? [] : [[kind, "allow"]];
    // The merge replaces one word for a whole kind with an object, so repeat it.
    const base: Rules = typeof own === "string" ? { "*": own } : own === undefined ? { "*": "allow" } : {};
    return [[kind, { ...base, ...all(patterns, "allow") }]];
  });
  return { permission: Object.fromEntries(rules) };
}

function rulesOf(wish: PermissionWish, agent: { name: string; isWorker: boolean }): PermissionConfig {
  const own = { ...wish.user.permission, ...wish.user.agents[agent.name]?.permission };
  const kinds = wish.mode === "edits" ? editKinds(wish, own) : freeKinds(wish, own);
  for (const [kind, patterns] of Object.entries(wish.allowed)) {
    kinds[kind] = { ...asRules(kinds[kind] ?? own[kind]), ...all(patterns, "allow") };
  }
  if (!agent.isWorker) delete kinds.edit;
  return Object.fromEntries(Object.entries(kinds).flatMap(([kind, rules]) => said(kind, rules, own)));
}

/** In the form that OpenCode's config accepts. What one word can't express is left to the user's own rules. */
function said(kind: string, rules: Rules, own: PermissionConfig): [string, Action | Rules][] {
  if (!ONE_WORD.includes(kind)) return [[kind, rules]];
  const word = own[kind] === "deny" ? "deny" : rules["*"];
  return word === undefined ? [] : [[kind, word]];
}

/** Edits without a question, commands in the list, everything else as the user has it. */
function editKinds({ mode, allow }: PermissionWish, own: PermissionConfig): Record<string, Rules> {
  const bash: Rules = { "*": "ask", ...relaxed(own.bash ?? own["*"], (action) => action, "ask") };
  // An agent that must not run anything (such as a reviewer) does not get our list.
  const commands = bash["*"] === "deny" ? {} : all(allowedCommands(mode, allow).map(withRest), "allow");
  return {
    edit: { "*": "allow", ...relaxed(own.edit ?? own["*"], (action) => action, "allow") },
    bash: { ...bash, ...commands },
  };
}

/** No questions: whatever would ask is allowed, and whatever is denied stays denied. `auto` keeps OpenCode's own two guards. */
function freeKinds({ mode, allow }: PermissionWish, own: PermissionConfig): Record<string, Rules> {
  const asked = Object.keys(own).filter((kind) => kind !== "*" && !GUARDS.includes(kind) && kind !== "question");
  const kinds = new Set([...TOOLS, ...asked, ...(mode === "skip" ? GUARDS : [])]);
  const rules = [...kinds].map((kind) => {
    const free = relaxed(own[kind] ?? own["*"], (action) => (action === "ask" ? "allow" : action), "allow");
    return [kind, { "*": "allow" as const, ...free }] as const;
  });
  const free: Record<string, Rules> = Object.fromEntries(rules);
  return { ...free, bash: { ...free.bash, ...all(allow.map(withRest), "allow") } };
}

/** The user's rules for a kind, in their order. The mode overrides their general "allow" or "ask", but not a general "deny". */
function relaxed(own: Action | Rules | undefined, change: (action: Action) => Action, general: Action): Rules {
  return Object.fromEntries(
    Object.entries(asRules(own)).map(([pattern, action]) => {
      if (pattern === "*") return [pattern, action === "deny" ? action : general];
      return [pattern, change(action)];
    }),
  );
}

const asRules = (own: Action | Rules | undefined): Rules => {
  if (own === undefined) return {};
  return typeof own === "string" ? { "*": own } : own;
};

const all = (patterns: readonly string[], action: Action): Rules =>
  Object.fromEntries(patterns.map((pattern) => [pattern, action]));

/** The beginning of a command, cut at a word. OpenCode's ` *` at the end also matches nothing. */
const withRest = (command: string): string => (command.endsWith("*") ? command : `${command.trim()} *`);

const ownAgents = (user: UserRules): string[] =>
  Object.keys(user.agents).filter((name) => ![...WORKERS, ...LOOKERS, ...WRITERS].includes(name));
