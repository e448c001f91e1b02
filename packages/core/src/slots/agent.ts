import type { Activity } from "../model/activity.ts";
import type { Dialog } from "../model/dialog.ts";
import type { ProjectConfig } from "../model/project.ts";
import type { ActivityState } from "../model/status.ts";
import type { Iso } from "../model/time.ts";
import type { UsageReport } from "../model/usage.ts";
import type { WithTerminal } from "./agent-terminal.ts";
import type { RuntimeHandle, Session } from "./common.ts";

export interface AgentLaunchConfig {
  sessionId: string;
  projectConfig: ProjectConfig;
  workspacePath: string;
  sessionDir: string;
  issueId?: string;
  /** The whole first message. */
  prompt?: string;
  /** The same text in a file, mode 0600. */
  promptFile?: string;
  permissions?: "default" | "edits" | "auto" | "skip";
  model?: string;
  agentConfig: Record<string, unknown>;
  /**
   * How to work under `ao`, the project, the user's rules, for the agent's own system prompt or instruction file. Only for an
   * agent that `takesInstructions`. For any other they are at the start of `prompt`.
   */
  instructions?: { text: string; file: string };
  /** The environment that the program will get, before the plugin's own additions. It tells where its home and settings are. */
  environment?: Readonly<Record<string, string>>;
  /** Counts the starts of the program in this session. */
  launch?: number;
  /** Set for every launch after the first: continue this conversation. */
  resume?: { agentSessionId: string | null; message?: string; messageFile?: string };
}

/** What to run. `argv[0]` is looked up on the session's PATH. */
export interface LaunchSpec {
  argv: string[];
  env?: Record<string, string>;
  /** How the runtime should pass messages to this program. */
  paste?: "bracketed" | "line" | "file";
  /** The prompt is part of the launch, so nothing is typed afterwards. */
  promptDelivered: boolean;
}

/** What an agent reports about itself. */
export type AgentFact =
  /**
   * The plugin's overall claim. It replaces whatever the plugin reported before, from whichever source. With `isPartial` it is the claim of
   * this one source, and core weighs the sources by their order.
   */
  | { kind: "activity"; activity: Activity; isPartial?: boolean }
  /** A turn ended. `at` is the agent's own time if it reports one. */
  | { kind: "turn-ended"; at: Iso }
  /**
   * The agent itself confirms a message: `messageId` if it carries ours, else the text it accepted, by which core finds the message
   * (ignoring white space and control characters). A text that is not one of our messages was typed by a person, or is the first prompt.
   */
  | { kind: "accepted"; messageId?: string; text?: string; at: Iso }
  /** No receipt will come for a message that was written, with the reason for the user. A receipt that comes anyway still counts. */
  | { kind: "unconfirmed"; messageId: string; reason: string; at: Iso }
  /** A message that was confirmed for the agent's own queue, whose program ended before a turn took it. */
  | { kind: "lost"; messageId: string; at: Iso }
  | { kind: "info"; info: Partial<AgentSessionInfo> }
  | { kind: "usage"; usage: UsageReport }
  /** It committed, pushed or called the forge, so branch and pull request may be new. */
  | { kind: "repository-changed"; at: Iso; what: string }
  /** Commits, reports, transcript growth: proof of progress. */
  | { kind: "progress"; at: Iso; what: string };

export interface ActivityDetection {
  state: ActivityState;
  timestamp?: Date | Iso;
  source?: Activity["source"];
  evidence?: string;
}

export interface AgentSessionInfo {
  summary: string | null;
  agentSessionId: string | null;
  cost: { usd: number | null; tokens: number | null; model: string | null } | null;
}

export interface OutgoingMessage {
  id: string;
  text: string;
  /** Also written to this file if it is long or has several lines. */
  file?: string;
}

/**
 * How a message was delivered. `written`: a receipt will come as a fact. `unconfirmed`: written, and no receipt will come. `deferred`:
 * nothing was written because of `asking` (a dialog is open), `human` (somebody's draft is in the input box) or `busy` (this agent accepts
 * nothing during a turn) or `unreadable` (its screen shows no input box, or is too small to tell), and it is tried again later.
 */
export type DeliveryResult =
  | { outcome: "accepted" | "written" }
  /** `reason` tells the user why there will be no receipt. */
  | { outcome: "unconfirmed"; reason?: string }
  | { outcome: "deferred"; because: "asking" | "human" | "busy" | "unreadable" };

export interface DeliverOptions extends WithTerminal {
  /**
   * A draft that was in the way has stood there for a minute, and nobody has typed since. The plugin may find out whether somebody typed it
   * or the program only draws it, or may deliver in a way that leaves it alone.
   */
  isDraftOld?: boolean;
}

export interface AnswerOptions extends WithTerminal {
  /** The dialog that the user saw. The plugin throws REFUSED if another one or none is open by now. */
  dialog: Dialog;
  /** 1 is the first choice. Null if the answer is free text. */
  number: number | null;
  /** Also allow this from now on. Throws REFUSED if the agent has no such choice. */
  isAlways: boolean;
}

export interface ObserveMeans extends WithTerminal {
  /** How long an agent is `ready` before it counts as `idle`, by the user's config. It may change. */
  readyThresholdMs?(): number;
}

/** What `ao doctor` shows about an agent. */
export interface AgentFinding {
  level: "ok" | "warning" | "error";
  text: string;
  hint?: string;
}

/** What is known before a launch. */
export interface AgentPreflight {
  agentConfig: Record<string, unknown>;
  env: Record<string, string>;
  /** False if the runtime shows no screen and presses no keys. */
  hasScreen?: boolean;
}

/** WHICH program does the work, and how to read its state. Does not know where it runs. */
export interface Agent {
  readonly name?: string;
  /** The program as it appears in a process list. */
  readonly processName: string;
  readonly promptDelivery?: "inline" | "post-launch";
  /** `per-turn`: the program exits with 0 after each turn, and a message starts it again. Default: `interactive`. */
  readonly lifetime?: "interactive" | "per-turn";
  /** True if standing instructions go through `AgentLaunchConfig.instructions`, and the prompt contains only issue and task. */
  readonly takesInstructions?: boolean;
  /** Whether this agent confirms messages. `never`: all we know is that they were written. Default: `never`. */
  readonly receipts?: "always" | "never";
  /** False for a per-turn agent that accepts no message after its first turn. */
  readonly canResume?: boolean;
  /**
   * True if its program redraws its screen while nothing happens (a spinner, a clock). Its output is then progress only if the screen says
   * something new.
   */
  readonly isAnimated?: boolean;
  /** Names of variables that an outer agent of this kind leaves in the environment. They are removed before a launch. */
  readonly outerMarks?: readonly string[];
  getLaunchCommand(config: AgentLaunchConfig): string;
  getEnvironment(config: AgentLaunchConfig): Record<string, string>;
  /** Asked every few seconds, and after output, unless the plugin has `observe`. Null if it cannot tell. */
  getActivityState?(session: Session, readyThresholdMs?: number): Promise<ActivityDetection | null>;
  /** The same from the last lines of the output, if `getActivityState` cannot tell. */
  detectActivity?(terminalOutput: string): ActivityState;
  /** Also asked then, if the runtime has no `getProcess`. False only when certain. Throws if it cannot tell. */
  isProcessRunning?(handle: RuntimeHandle): Promise<boolean>;
  /** Also asked then. Null if it has no conversation yet. */
  getSessionInfo?(session: Session): Promise<AgentSessionInfo | null>;
  /** Null if this session cannot be continued. It is then started again with a prompt that says so. */
  getRestoreCommand?(session: Session, project: ProjectConfig): Promise<string | null>;
  /** Called before anything is created. Throws UNAVAILABLE (program missing) or CONFIG (wrong options). */
  preflight?(check: AgentPreflight): Promise<void>;
  postLaunchSetup?(session: Session): Promise<void>;
  setupWorkspaceHooks?(workspacePath: string, config: WorkspaceHooksConfig): Promise<void>;
  /** Preferred to `getLaunchCommand` and `getRestoreCommand`. Null with `resume` if it cannot continue. */
  getLaunchSpec?(config: AgentLaunchConfig): Promise<LaunchSpec | null>;
  /** Pushes facts until stopped. `hint` passes on what the runtime saw, so that the plugin need not look itself. */
  observe?(session: Session, onFact: (fact: AgentFact) => void, means?: ObserveMeans): Promise<AgentObservation>;
  /** Delivers a message in the agent's own way. Without it the runtime types. Must not repeat a message id. */
  deliver?(session: Session, message: OutgoingMessage, options: DeliverOptions): Promise<DeliveryResult>;
  /** Answers the open dialog: `choice` is the label of a choice, or free text. */
  answer?(session: Session, choice: string, options: AnswerOptions): Promise<void>;
  /** The agent's own interrupt. Without it: `interruptKeys`. */
  interrupt?(session: Session, options: WithTerminal): Promise<void>;
  /** Keys of the agent's own interrupt, if it has one. Default: C-c. */
  readonly interruptKeys?: ("C-c" | "Escape")[];
  /** The end of the conversation as plain text, for a handoff to another agent. Null if there is none. */
  getTranscript?(session: Session, limits: { maxBytes: number }): Promise<string | null>;
  /** For `ao doctor`: the program, its version, and whether the plugin was tested with that version. */
  examine?(check: { agentConfig: Record<string, unknown>; env: Record<string, string> }): Promise<AgentFinding[]>;
}

export interface AgentObservation {
  /** What the runtime saw in this session. */
  hint(fact: { kind: "output" | "ready" | "human-input"; at: Iso }): void;
  stop(): Promise<void>;
}

export interface WorkspaceHooksConfig {
  sessionId: string;
  sessionDir: string;
  /** The `ao` that hooks should call. */
  aoPath: string;
}
