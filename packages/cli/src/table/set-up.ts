import type { CommandSpec } from "../command.ts";

export const SETUP_COMMANDS: readonly CommandSpec[] = [
  {
    name: "trust",
    group: "set-up",
    summary: "read what a config would run, and allow it",
    details: "Until then nothing in it runs, loads, links or connects. A change of these parts asks again.",
    options: [{ flags: "--dry-run", text: "only show it" }],
    examples: [
      ["ao trust", "shows it and asks"],
      ["ao trust --dry-run", "shows it"],
    ],
    load: () => import("../commands/trust.ts"),
  },
  {
    name: "doctor",
    group: "set-up",
    summary: "check Node, git, tmux, desktop, config, environment and state, and say how to mend each",
    options: [{ flags: "--fix", text: "repair what was moved: a project's folder, its config, the state folder" }],
    examples: [
      ["ao doctor", "exit status 1 when something is broken"],
      ["ao doctor --fix", "in a project's new folder: pick its sessions up there"],
    ],
    load: () => import("../commands/doctor.ts"),
  },
  {
    name: "config validate",
    group: "set-up",
    summary: "every problem of the config at once, with path and line",
    examples: [["ao config validate", "78 when there is one"]],
    load: () => import("../commands/config-validate.ts"),
  },
  {
    name: "config show",
    group: "set-up",
    summary: "the config in force: layers merged, defaults filled in, secrets masked",
    examples: [["ao config show", "as JSON"]],
    load: () => import("../commands/config-show.ts"),
  },
  {
    name: "config schema",
    group: "set-up",
    summary: "the JSON schema of the config, for editors",
    examples: [["ao config schema > config.schema.json", "then name it in your editor"]],
    load: () => import("../commands/config-schema.ts"),
  },
  {
    name: "plugin list",
    group: "set-up",
    summary: "the plugins of every slot, and what is wrong with a broken one",
    examples: [["ao plugin list", "built in, from npm, from a path"]],
    load: () => import("../commands/plugin-list.ts"),
  },
  {
    name: "notify test",
    group: "set-up",
    summary: "one line through each notification channel, or the named one",
    args: "[channel]",
    examples: [["ao notify test", "did you get it?"]],
    load: () => import("../commands/notify-test.ts"),
  },
  {
    name: "forget",
    group: "set-up",
    summary: "let go of a config that is gone, or of one session",
    args: "<config>",
    complete: "file",
    details:
      "The config's file or folder, which need not exist, or a session's id. Its agents end, the work is kept, the checkouts are removed; what cannot be kept stays where it is.",
    examples: [
      ["ao forget ~/old-shop", "the folder that was deleted"],
      ["ao forget shop-3", "only this session"],
    ],
    load: () => import("../commands/forget.ts"),
  },
  {
    name: "uninstall",
    group: "set-up",
    summary: "end everything and leave all repositories without a trace of ao",
    details:
      "Lists what is not merged, asks, ends the agents, keeps their work, removes checkouts and worktree records, stops the daemon, and says what is left to delete. Branches stay.",
    examples: [["ao uninstall", "lists and asks first"]],
    load: () => import("../commands/uninstall.ts"),
  },
  {
    name: "completion",
    group: "set-up",
    summary: "the completion script of a shell",
    args: "<shell>",
    complete: ["bash", "zsh", "fish"],
    details: "bash, zsh or fish.",
    examples: [
      ['eval "$(ao completion bash)"', "in ~/.bashrc"],
      ["ao completion zsh > ~/.zfunc/_ao", "with ~/.zfunc in fpath"],
      ["ao completion fish > ~/.config/fish/completions/ao.fish", "for fish"],
    ],
    load: () => import("../commands/completion.ts"),
  },
  {
    name: "complete",
    group: "set-up",
    summary: "the words a completion script asks for",
    args: "<kind>",
    isHidden: true,
    examples: [["ao complete session", "ids, one a line; starts nothing"]],
    load: () => import("../commands/complete.ts"),
  },
];
