import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { atomicReplace, ensureDir } from "@agent-orchestrator/core/host/files";
import { shellQuote } from "@agent-orchestrator/plugin-kit/quote";
import { binDirOf } from "./environments.ts";

/** The folder with an `ao` of this exact build, for the PATH of sessions. */
export function writeOwnCommand(home: string): void {
  const dir = binDirOf(home);
  ensureDir(dir);
  const cli = fileURLToPath(new URL("../bin/ao.js", import.meta.url));
  atomicReplace(join(dir, "ao"), frontText({ home, node: process.execPath, cli }), { mode: 0o700 });
}

/**
 * The text of that command. A plain `ao report STATE [--note TEXT]` of a session goes through the spool, because hooks call it often
 * and Node takes longer to start than everything else about it. Whatever is not plain goes to the real program: other commands and
 * options, notes with more than one line or other letters than ASCII, and a report that the daemon did not take, for its words.
 */
export function frontText({ home, node, cli }: { home: string; node: string; cli: string }): string {
  return `#!/bin/sh
home=${shellQuote(home)}
real() { exec ${shellQuote(node)} ${shellQuote(cli)} "$@"; }

# Returns 0 if the report was taken or stored, and anything else if the real program has to say why not.
report() {
  state=$2 note=
  case $state in working | waiting | needs_input | blocked | done) ;; *) return 1 ;; esac
  case $#:$3 in
  2:) ;;
  3:--note=*) note=\${3#--note=} ;;
  4:-n | 4:--note) note=$4 ;;
  *) return 1 ;;
  esac
  case $note in -* | *[!\\ -~]*) return 1 ;; esac
  [ \${#note} -le 4096 ] || return 1
  case $AO_SESSION_ID in '' | *[!A-Za-z0-9_-]*) return 1 ;; esac
  case $AO_SESSION_PROOF in '' | *[!A-Za-z0-9_-]*) return 1 ;; esac
  [ "\${AO_HOME:-$home}" = "$home" ] || return 1
  spool=$home/daemon/spool name=report-$AO_SESSION_ID-$$
  [ -d "$spool/new" ] && [ ! -h "$spool" ] && [ ! -e "$spool/new/$name" ] && [ ! -e "$home/quarantine/spool-$name" ] || return 1
  fields="kind=report
session=$AO_SESSION_ID
proof=$AO_SESSION_PROOF
state=$state"
  [ $# = 2 ] || fields="$fields
note=$note"
  (umask 077 && printf '%s\\n' "$fields" >"$spool/tmp/$name") 2>/dev/null || return 1
  mv -f "$spool/tmp/$name" "$spool/new/$name" 2>/dev/null || return 1
  stored=' (stored for the next daemon)'
  for pause in 0 0.01 0.02 0.05 0.1 0.2 0.4; do
    [ $pause = 0 ] || sleep $pause 2>/dev/null || sleep 1
    [ -e "$spool/new/$name" ] || { stored=; break; }
  done
  [ ! -e "$home/quarantine/spool-$name" ] || return 1
  printf '%s\\n' "$AO_SESSION_ID: $state$stored"
}

if [ "$1" = report ] && (LC_ALL=C && report "$@"); then exit 0; fi
real "$@"
`;
}
