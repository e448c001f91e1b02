import type { KnownOptions } from "./options.ts";

const words = (text: string): string[] => text.trim().split(/\s+/);

/**
 * Programs whose further words say which program runs, or are a program themselves. They may run only exactly as they are allowed:
 * `find . -exec`, `xargs rm`, `env sh`, `ssh host`, `awk 'BEGIN {system(…)}'`, `sed w`.
 */
export const RUNS_ITS_WORDS: ReadonlySet<string> = new Set(
  words(`
    find xargs parallel env sudo doas su nohup setsid time timeout nice ionice chroot unshare nsenter watch entr strace ltrace gdb
    script expect eval exec command builtin source . trap alias export set ssh scp sftp rsync docker podman kubectl
    awk gawk mawk sed ed ex vi vim nvim emacs nano less more man tmux screen gh glab hub crontab at batch
    systemctl launchctl open xdg-open osascript curl wget nc ncat socat telnet dd tee install ln chmod chown mount tar zip unzip
    tclsh lua php ruby perl python python3 node deno bun sh bash zsh dash ksh ash fish pwsh
    npx bunx uvx pipx corepack npm pnpm yarn`),
);

/** A second word that makes one of these name a fixed thing to run: what follows is that thing's arguments. */
export const NAMES_WHAT_RUNS: ReadonlySet<string> = new Set(
  words("python python3 node deno bun sh bash zsh dash npx bunx uvx npm pnpm yarn ruby perl php lua docker kubectl"),
);

/** Understood alike by the usual tools, and harmless in all of them. */
const COMMON: KnownOptions = {
  flags: words("--help --version -v --verbose -q --quiet --silent --no-color --color --dry-run --check --ci --"),
};

const TEST_RUNNER: KnownOptions = {
  flags: words(`
    --run -u --update --coverage --bail --passWithNoTests --watch=false --no-watch --silent=false -i --runInBand --verbose -w
    --if-present --workspaces -s --changed`),
  texts: words("-t --testNamePattern --grep -g --project"),
  attached: words("--testNamePattern --grep --project --bail --maxWorkers --retry --testTimeout --test-timeout"),
};

/** By the name of the program. What these leave out, such as `--config` and `-o`, loads code or writes. */
const BY_PROGRAM: Readonly<Record<string, KnownOptions>> = {
  npm: TEST_RUNNER,
  pnpm: TEST_RUNNER,
  yarn: TEST_RUNNER,
  npx: TEST_RUNNER,
  vitest: TEST_RUNNER,
  jest: TEST_RUNNER,
  mocha: TEST_RUNNER,
  pytest: {
    flags: words("-x -s -vv -vvv --lf --ff --last-failed --exitfirst --collect-only --no-header -rA -ra"),
    texts: words("-k -m"),
    attached: words("--maxfail --tb --durations"),
  },
  cargo: {
    flags: words(
      "--release --lib --bins --all --workspace --all-targets --all-features --no-default-features --no-run --locked",
    ),
    texts: words("-p --package --features --test --bin --example"),
    attached: words("--package --features --test --bin"),
  },
  go: {
    flags: words("-race -short -cover -json -failfast -x=false"),
    texts: words("-run -count -timeout -bench"),
    attached: words("-run -count -timeout"),
  },
  make: { flags: words("-j -k -s -n -B -w"), attached: ["-j"] },
  tsc: { flags: words("--noEmit --pretty -b --build --skipLibCheck") },
  eslint: { flags: words("--fix --cache"), texts: ["--ext"], attached: ["--max-warnings"] },
  prettier: { flags: words("-c -w --write -l --list-different") },
  ls: { flags: words("-l -a -la -al -h -lh -lah -R -t -1 -d -S -r") },
  cat: { flags: ["-n"] },
  grep: {
    flags: words("-n -r -R -i -w -l -c -E -F -v -o -h -H -s"),
    texts: words("-e -A -B -C -m"),
    attached: words("-A -B -C"),
  },
  rg: { flags: words("-n -i -w -l -c -F -v -o -S -u -uu --files --hidden"), texts: words("-e -A -B -C -m -g -t") },
  head: { flags: [], texts: ["-n", "-c"], attached: ["-n", "-c"] },
  tail: { flags: [], texts: ["-n", "-c"], attached: ["-n", "-c"] },
  wc: { flags: words("-l -w -c -m") },
  ao: {
    flags: words("--json -y --yes --draft --prompt --stat --staged"),
    texts: words("--note --title --body -m --message --log"),
    attached: words("--note --title --body"),
  },
};

/** The options of a program, or of what `npx`, `python -m` and the like run in its place. */
export function optionsOf(program: string, named: readonly string[]): KnownOptions {
  const inner = (named[0] === "-m" ? named[1] : named[0]) ?? "";
  const name = NAMES_WHAT_RUNS.has(program) && Object.hasOwn(BY_PROGRAM, inner) ? inner : program;
  const own = Object.hasOwn(BY_PROGRAM, name) ? BY_PROGRAM[name] : undefined;
  if (own === undefined) return COMMON;
  return {
    flags: [...COMMON.flags, ...own.flags],
    ...(own.texts === undefined ? {} : { texts: own.texts }),
    ...(own.attached === undefined ? {} : { attached: own.attached }),
  };
}
