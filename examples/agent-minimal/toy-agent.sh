#!/bin/sh
# In place of an agent: works for some seconds on each line that it gets. `ask …` makes it ask, and `exit` ends it.
work() {
  echo "working on: $1"
  sleep "$TOY_SECONDS"
}

work "$1"
while printf 'toy> ' && read -r line; do
  case $line in
    exit) exit 0 ;;
    ask*)
      printf '%s [y/n] ' "${line#ask }"
      read -r answer
      echo "you said $answer"
      ;;
    *) work "$line" ;;
  esac
done
