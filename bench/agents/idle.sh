# An agent that costs nothing. It records its start (BENCH_LOG), commits a file when told `commit`, and waits for lines.
printf '%s\n' "$AO_SESSION_ID" >>"$BENCH_LOG"
if [ "${1:-}" = commit ]; then
  printf 'work\n' >"work-$AO_SESSION_ID.txt"
  git add -A && git commit --quiet -m "work of $AO_SESSION_ID"
fi
echo "idle agent"
while IFS= read -r line; do
  echo "got: $line"
done
