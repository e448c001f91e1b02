import { markLine } from "@agent-orchestrator/plugin-kit/mark";

/**
 * The parent of every agent: a dozen lines of POSIX sh that stay with it in its pane.
 * It reads the launch (environment and program), removes it before the program starts, and records the program's pid and identity,
 * and later its exit status. Each is written by a rename, so that a record is whole or absent.
 * A handler, unlike "ignore", is not inherited, so Ctrl-C reaches the program and the runner stays. HUP has no handler: when the
 * terminal is lost, the runner dies and the kernel sends HUP to the program.
 * $1: the path of this launch's records without their suffix.
 */
export const RUNNER = `k=$1
${markLine()}
trap : INT QUIT TERM
sh -c '
k=$1
if [ -r /proc/$$/stat ]; then
  read -r s </proc/$$/stat
  read -r b </proc/sys/kernel/random/boot_id
  set -- \${s##*) }
  i=$b:\${20}
  read -r s </proc/$PPID/stat
  set -- \${s##*) }
  r=$b:\${20}
else
  i=$(ps -o lstart= -p $$)
  r=$(ps -o lstart= -p $PPID)
fi
l=$(cat "$k.launch") || exit 126
rm -f "$k.launch"
unset TMUX TMUX_PANE TERM_PROGRAM TERM_PROGRAM_VERSION
(umask 077; printf "%s\\n" "$$" "$i" "$PPID" "$r" >"$k.pid.tmp") && mv -f "$k.pid.tmp" "$k.pid" || exit 126
set --
eval "$l"
exec "$@"
' ao-launch "$k"
s=$?
(umask 077; printf "%s\\n" "$s" >"$k.exit.tmp") && mv -f "$k.exit.tmp" "$k.exit"
exit "$s"
`;
