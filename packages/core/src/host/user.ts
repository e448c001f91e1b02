import { homedir, userInfo } from "node:os";
import { AoError } from "../model/errors.ts";

type Env = Readonly<Record<string, string | undefined>>;

/**
 * The user's name, as the system has it. In a container, a user may be no more than a number (`docker run -u 1500`): then what the
 * environment says. Throws CONFIG when nobody knows it.
 */
export function userName(env: Env): string {
  const name = known(() => userInfo().username) || env.USER || env.LOGNAME;
  if (name) return name;
  throw new AoError("CONFIG", "`branch:` asks for {user}, but this user has no name here", {
    hint: "Set USER, or write a name instead of {user}.",
  });
}

/** The user's home folder. Throws CONFIG when nobody knows it. */
export function userHome(env: Env): string {
  const home = env.HOME || known(homedir);
  if (home) return home;
  throw new AoError("CONFIG", "this user has no home folder here", {
    hint: "Set HOME, or AO_HOME for ao's own files.",
  });
}

/** Node throws for a user without an entry in passwd. */
function known(ask: () => string): string | null {
  try {
    return ask();
  } catch {
    return null; // the environment decides
  }
}
