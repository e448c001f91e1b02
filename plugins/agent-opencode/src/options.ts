import { Line, optionsParser, sharedOptions, wordsWith } from "@agent-orchestrator/agent-kit/options";
import { z } from "zod";

/** Arguments that would override what the plugin depends on: the port, the password, the conversation. */
const OURS = /^(--port|--hostname|--mdns|--mini|--session|--continue|--fork|--prompt|-s|-c)(=|$)/;
/** With these, OpenCode would run in another mode than `ao` shows. */
const PERMISSION_WORDS = /^(--auto|--yolo|--dangerously-skip-permissions)(=|$)/;

function contradiction(word: string): string[] {
  if (PERMISSION_WORDS.test(word))
    return [`${word} is what \`permissions\` says: set that (\`skip\` for no questions)`];
  return OURS.test(word) ? [`${word} is set by ao`] : [];
}

/** `agentConfig` of this plugin. */
export const OpenCodeOptions = z.strictObject({
  ...sharedOptions,
  /** `provider/model`. */
  model: Line.regex(/^[^/\s]+\/\S+$/, "is not `provider/model`").optional(),
  args: wordsWith((words) => words.flatMap(contradiction)).default([]),
  /** The program: a name on PATH, or a path. */
  command: Line.default("opencode"),
});
export type OpenCodeOptions = z.infer<typeof OpenCodeOptions>;

export const parseOptions = optionsParser("opencode", OpenCodeOptions);
