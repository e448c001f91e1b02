# An agent at work: it prints every second and commits every third, as long as it lives.
printf '%s\n' "$AO_SESSION_ID" >>"$BENCH_LOG"
count=0
while :; do
  count=$((count + 1))
  echo "step $count of $AO_SESSION_ID"
  if [ $((count % ${1:-3})) = 0 ]; then
    printf '%s\n' "$count" >>"work-$AO_SESSION_ID.txt"
    git add -A && git commit --quiet -m "step $count"
  fi
  sleep 1
done
