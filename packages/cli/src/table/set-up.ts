import type { CommandSpec } from "../command.ts";

export const SETUP_COMMANDS: readonly CommandSpec[] = [
  {
    name: "trust",
    group: "set-up",
    summary: "Show what a config would run, and allow it",
    details:
      "Until you trust a config, nothing in it runs, loads, links or connects. A change that makes it looser, or a plugin whose files have changed, waits until you run it again. With --yes it does not ask.",
    options: [{ flags: "--dry-run", text: "only show what it would run" }],
    examples: [
      ["ao trust", "show it and ask"],
      ["ao trust --dry-run", "show it and trust nothing"],
    ],
    load: () => import("../commands/trust.ts"),
  },
  {
    name: "doctor",
    group: "set-up",
    summary: "Check Node, git, tmux, desktop, config, environment and state, and say how to fix problems",
    options: [{ flags: "--fix", text: "repair what has moved: a project's folder, its config, the state folder" }],
    examples: [
      ["ao doctor", "exits with 1 if something is broken"],
      ["ao doctor --fix", "in a project's new folder, pick up its sessions there"],
    ],
    load: () => import("../commands/doctor.ts"),
  },
  {
    name: "config validate",
    group: "set-up",
    summary: "Check the config and list every problem with its path and line",
    examples: [["ao config validate", "exits with 78 if there is a problem"]],
    load: () => import("../commands/config-validate.ts"),
  },
  {
    name: "config show",
    group: "set-up",
    summary: "Print the effective config: layers merged, defaults filled in, secrets masked",
    examples: [["ao config show", "as JSON"]],
    load: () => import("../commands/config-show.ts"),
  },
  {
    name: "config schema",
    group: "set-up",
    summary: "Print the JSON schema of the config, for editors",
    examples: [["ao config schema > config.schema.json", "then point your editor to it"]],
    load: () => import("../commands/config-schema.ts"),
  },
  {
    name: "plugin list",
    group: "set-up",
    summary: "List the plugins of every slot, and what is wrong with broken ones",
    examples: [["ao plugin list", "built-in ones, from npm, and from a path"]],
    load: () => import("../commands/plugin-list.ts"),
  },
  {
    name: "notify test",
    group: "set-up",
    summary: "Send a test notification through every channel, or through one",
    args: "[channel]",
    examples: [["ao notify test", "every channel"]],
    load: () => import("../commands/notify-test.ts"),
  },
  {
    name: "forget",
    group: "set-up",
    summary: "Forget a config that no longer exists, or one session",
    args: "<config>",
    complete: "file",
    details:
      "Name the config by its file or folder, which need not exist, or a session by its id. The agents are ended, their work is saved, and the checkouts are removed. What cannot be saved stays where it is.",
    examples: [
      ["ao forget ~/old-shop", "a folder that you deleted"],
      ["ao forget shop-3", "one session"],
    ],
    load: () => import("../commands/forget.ts"),
  },
  {
    name: "uninstall",
    group: "set-up",
    summary: "End everything and remove ao from all repositories",
    details:
      "Lists what is not merged and asks. Then it ends the agents, saves their work, removes checkouts and worktree records, stops the daemon, and says what is left to delete. Branches stay.",
    examples: [["ao uninstall", "list everything and ask first"]],
    load: () => import("../commands/uninstall.ts"),
  },
  {
    name: "completion",
    group: "set-up",
    summary: "Print the completion script for a shell",
    args: "<shell>",
    complete: ["bash", "zsh", "fish"],
    examples: [
      ['eval "$(ao completion bash)"', "in ~/.bashrc"],
      ["ao completion zsh > ~/.zfunc/_ao", "if fpath has ~/.zfunc"],
      ["ao completion fish > ~/.config/fish/completions/ao.fish", "once"],
    ],
    load: () => import("../commands/completion.ts"),
  },
  {
    name: "complete",
    group: "set-up",
    summary: "Print the words that a completion script asks for",
    args: "<kind>",
    isHidden: true,
    examples: [["ao complete session", "ids, one per line, without starting a daemon"]],
    load: () => import("../commands/complete.ts"),
  },
];
