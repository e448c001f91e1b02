/** Words that `ao` gives the program itself, or that would take it out of its terminal, and what to do instead. */
const OWN: Readonly<Record<string, string>> = {
  "--permission-mode": "set `permissions`",
  "--dangerously-skip-permissions": "set `permissions: skip`",
  "--allow-dangerously-skip-permissions": "set `permissions: skip`",
  "--model": "set `model`",
  "--settings": "put them into Claude's own settings files",
  "--append-system-prompt": "set the project's `agentRules`",
  "--append-system-prompt-file": "set the project's `agentRules`",
  "--session-id": "ao chooses the conversation",
  "--resume": "use `ao restore`",
  "-r": "use `ao restore`",
  "--continue": "use `ao restore`",
  "-c": "use `ao restore`",
  "--fork-session": "ao chooses the conversation",
  "--no-session-persistence": "ao reads the transcript",
  "--bare": "ao needs its hooks",
  "--print": "ao runs it in a terminal",
  "-p": "ao runs it in a terminal",
  "--background": "ao runs it in a terminal",
  "--bg": "ao runs it in a terminal",
  "--worktree": "ao makes the checkout",
  "-w": "ao makes the checkout",
  "--tmux": "ao makes the terminal",
  "--": "ao gives the prompt",
};
/** Of a wrapper's own words only these cannot be meant for the wrapper. */
const NO_WRAPPERS = /permission/;

/** What is wrong with the words of `args` and `command`. */
export function ownWordsIn({ args, command }: { args: readonly string[]; command: readonly string[] }): string[] {
  const own = (word: string): string | undefined => OWN[word.replace(/=.*$/s, "")];
  const tell = (key: string, words: readonly string[]) =>
    words.map((word) => `${key}: ${word.replace(/=.*$/s, "")} is ao's own: ${own(word)}`);
  const before = command.slice(1).filter((word) => NO_WRAPPERS.test(word));
  return [
    ...tell(
      "args",
      args.filter((word) => own(word) !== undefined),
    ),
    ...tell(
      "command",
      before.filter((word) => own(word) !== undefined),
    ),
  ];
}
