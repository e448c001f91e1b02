/**
 * What `sh -c` runs: Codex's app server and its terminal program on one conversation. Its arguments: the socket, its log, the
 * program, the number of the server's arguments, those, then the terminal program's. The shell becomes the terminal program.
 *
 * Two small shells stay. The inner one restarts the server when that ends by itself. The terminal program waits for it and continues
 * the conversation. The outer one holds the reading end of a pipe whose other end only the terminal program has. When that program is
 * gone, however it ended, the pipe closes and the server is ended too. The server alone would first wait for the end of its turn, and
 * with an open permission that may be never.
 */
export const LAUNCH_SCRIPT = `socket=$1 log=$2 program=$3 count=$4; shift 4
words= i=0
while [ "$i" -lt "$count" ]; do i=$((i + 1)); words="$words \\"\\\${$i}\\""; done
rm -f "$socket" "$socket.pipe" "$log"
mkfifo -m 600 "$socket.pipe" || exit 70
(
  trap '' HUP INT QUIT
  (
    server= pause=1
    trap '[ -z "$server" ] || { kill -TERM "$server"; sleep 1; kill -KILL "$server"; }; exit 0' TERM
    while :; do
      eval "exec \\"\\$program\\" app-server --listen \\"unix://\\$socket\\" $words" </dev/null >>"$log" 2>&1 &
      server=$!
      wait "$server"
      server=
      sleep "$pause"
      pause=$((pause < 32 ? pause * 2 : 32))
    done
  ) &
  read -r _ <"$socket.pipe"
  kill -TERM $!
) 2>/dev/null &
exec 3>"$socket.pipe"
rm -f "$socket.pipe"
shift "$count"
waits=0
until [ -S "$socket" ]; do
  waits=$((waits + 1))
  if [ "$waits" -gt 300 ]; then
    why=$(grep -m 1 '^Error' "$log" || grep -m 1 -i 'panicked' "$log" || head -n 1 "$log")
    echo "Codex's app server did not start: $why"
    if [ "$(wc -l <"$log")" -le 10 ]; then cat "$log"; else head -n 5 "$log"; echo ...; tail -n 4 "$log"; fi
    exit 70
  fi
  sleep 0.05
done
exec "$program" --remote "unix://$socket" "$@"`;
