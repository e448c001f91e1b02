import type { CommandKind, CommandOf } from "../../model/command.ts";
import type { State } from "../../model/state.ts";
import { pullBack } from "../set-back.ts";
import { noteChannelWorks, notePress } from "./channels.ts";
import { followPaths, forgetConfig, moveConfig, registerConfig, trustConfig } from "./configs.ts";
import { archiveInPlace, bringSessionBack, putSessionsAway } from "./history.ts";
import type { CommandContext, Outcome } from "./outcome.ts";
import { pause } from "./pause.ts";
import { spawn } from "./spawn.ts";
import { tidy } from "./tidy.ts";
import { keepWish } from "./wishes.ts";

/** Every command, and what carries it out. */
const COMMANDS: { [K in CommandKind]: (state: State, command: CommandOf<K>, ctx: CommandContext) => Outcome<K> } = {
  spawn,
  pause,
  "keep-wish": keepWish,
  "register-config": registerConfig,
  "trust-config": trustConfig,
  "move-config": moveConfig,
  "forget-config": forgetConfig,
  "follow-paths": followPaths,
  "put-away": putSessionsAway,
  "bring-back": bringSessionBack,
  "archive-in-place": archiveInPlace,
  tidy,
  "channel-works": noteChannelWorks,
  "note-press": notePress,
  "pull-back": (state, _, { nowMs }) => ({ next: pullBack(state, nowMs) }),
};

/** What becomes of a command now. Pure. */
export function carryOut<K extends CommandKind>(state: State, command: CommandOf<K>, ctx: CommandContext): Outcome<K> {
  const kind: K = command.kind as K;
  return COMMANDS[kind](state, command, ctx);
}
