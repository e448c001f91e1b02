import { delimiter, join } from "node:path";

/** Variables that speak of the machine `ao` runs on: its folders, sockets, desktop and shell. */
const OF_THE_HOST =
  /^(?:PATH|HOME|SHELL|USER|LOGNAME|MAIL|HOSTNAME|TMPDIR|PWD|OLDPWD|TERM_PROGRAM.*|TERMINFO.*|EDITOR|VISUAL|PAGER|BROWSER|DISPLAY|WAYLAND_DISPLAY|XAUTHORITY|SSH_.*|GPG_.*|GIT_SSH.*|GIT_ASKPASS|GIT_CONFIG_GLOBAL|GIT_CONFIG_SYSTEM|DBUS_.*|XDG_.*|DOCKER_.*|SYSTEMD_.*|INVOCATION_ID|JOURNAL_STREAM|LD_.*|LS_COLORS|NVM_.*|VIRTUAL_ENV|CONDA_.*|MANPATH|INFOPATH|NODE_PATH|NODE_OPTIONS)$/;

/** The folder that a session's programs have as their home: on this machine and in the container under the same name. */
export const homeOf = (sessionDir: string): string => join(sessionDir, "docker", "home");

export interface Inside {
  home: string;
  path: string;
  /** The user's `env:` of this runtime, which wins. */
  extra: Record<string, string>;
}

/**
 * A session's environment as its programs find it in the container. Doing it twice changes nothing.
 */
export function insideEnvironment(env: Record<string, string>, { home, path, extra }: Inside): Record<string, string> {
  const kept = Object.entries(env).filter(([name]) => !OF_THE_HOST.test(name));
  return { ...Object.fromEntries(kept), HOME: home, PATH: path, ...extra };
}

const PLAIN_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

export const pathInside = (binDir: string, imagePath: string | undefined): string =>
  [binDir, imagePath ?? PLAIN_PATH].join(delimiter);
