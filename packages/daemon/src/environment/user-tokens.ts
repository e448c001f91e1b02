type Env = Record<string, string>;

/** The tokens in the environments of the user's commands, for the plugins that look for them there. In memory only. */
export interface UserTokens {
  /** Those of these variables that are set, as the last command that had any of them had them, or else as in `env`. */
  of(instanceId: string, names: readonly string[], env: Env): () => Env;
  /** What this command of the user has counts from now on. One that has none leaves things as they are. */
  note(instanceId: string, env: Env | undefined): void;
}

interface Held {
  names: readonly string[];
  tokens: Env;
}

export function createUserTokens(keepSecret: (values: readonly string[]) => void): UserTokens {
  const known = new Map<string, Held>();
  const take = (held: Held, env: Env): void => {
    const found = pick(env, held.names);
    if (Object.keys(found).length === 0) return;
    keepSecret(Object.values(found).filter((token) => token.length >= MIN_SECRET));
    held.tokens = found;
  };
  return {
    of(instanceId, names, env) {
      const key = `${instanceId} ${names.join(" ")}`;
      const held = known.get(key) ?? { names, tokens: {} };
      known.set(key, held);
      if (Object.keys(held.tokens).length === 0) take(held, env);
      return () => ({ ...held.tokens });
    },
    note(instanceId, env) {
      if (env === undefined) return;
      for (const [key, held] of known) if (key.startsWith(`${instanceId} `)) take(held, env);
    },
  };
}

/** Shorter ones are masked nowhere, because they would take ordinary words with them. */
const MIN_SECRET = 6;

/** Those of the variables that are set. */
const pick = (env: Env, names: readonly string[]): Env =>
  Object.fromEntries(names.flatMap((name) => (env[name] ? [[name, env[name]]] : [])));
