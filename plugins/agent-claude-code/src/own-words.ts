/** Arguments that `ao` sets itself, or that would take the program out of its terminal, and what to do instead. */
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
  "--worktree": "ao creates the checkout",
  "-w": "ao creates the checkout",
  "--tmux": "ao creates the terminal",
  "--": "ao passes the prompt",
};
/** The only arguments of a wrapper that can't be meant for the wrapper itself. */
const NO_WRAPPERS = /permission/;

/** What is wrong with `args` and `command`. */
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
