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
   * How to work under `ao`, the project, the user's rules: for the agent's own system prompt or instruction file. Only for an
   * agent that `takesInstructions`; any other finds them at the head of `prompt`.
   */
  instructions?: { text: string; file: string };
  /** The environment that the program will get, before the plugin's own additions: where its home and settings are. */
  environment?: Readonly<Record<string, string>>;
  /** Counts the starts of the program in this session. */
  launch?: number;
  /** Set for every launch after the first: go on with this conversation. */
  resume?: { agentSessionId: string | null; message?: string; messageFile?: string };
}

/** What to run. `argv[0]` is looked up on the session's PATH. */
export interface LaunchSpec {
  argv: string[];
  env?: Record<string, string>;
  /** How the runtime should hand messages to this program. */
  paste?: "bracketed" | "line" | "file";
  /** The prompt went into the launch itself: nothing is typed afterwards. */
  promptDelivered: boolean;
}

/** What an agent tells about itself. */
export type AgentFact =
  /**
   * The plugin's whole word: it replaces whatever the plugin said before, whichever of its sources that was from. With `isPartial` it is the
   * word of this one source, and core weighs the sources by their order.
   */
  | { kind: "activity"; activity: Activity; isPartial?: boolean }
  /** A turn ended; `at` is the agent's own time where it tells one. */
  | { kind: "turn-ended"; at: Iso }
  /**
   * The agent itself confirms a message: `messageId` where it carries ours, else the text it took, by which core finds the message
   * (white space and control characters aside). A text that is no message of ours was typed by a human, or is the first prompt.
   */
  | { kind: "accepted"; messageId?: string; text?: string; at: Iso }
  /** No receipt will come for a message that was written, and why, in words for the human. One that came after all still counts. */
  | { kind: "unconfirmed"; messageId: string; reason: string; at: Iso }
  /** A message that it had confirmed for its own queue: the program ended before a turn took it. */
  | { kind: "lost"; messageId: string; at: Iso }
  | { kind: "info"; info: Partial<AgentSessionInfo> }
  | { kind: "usage"; usage: UsageReport }
  /** It committed, pushed, or called the forge: branch and pull request may be new. */
  | { kind: "repository-changed"; at: Iso; what: string }
  /** Commits, reports, transcript growth: proof that something moves. */
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
  /** Written here too when it is long or has several lines. */
  file?: string;
}

/**
 * How a message went in. `written`: a receipt will come as a fact. `unconfirmed`: written, and there will be none. `deferred`: not a
 * byte went in, for `asking` (a dialog is open), `human` (somebody's draft is in the input box) or `busy` (this agent takes nothing during a
 * turn); it is tried again later.
 */
export type DeliveryResult =
  | { outcome: "accepted" | "written" }
  /** `reason`: why there will be no receipt, in words for the human. */
  | { outcome: "unconfirmed"; reason?: string }
  | { outcome: "deferred"; because: "asking" | "human" | "busy" };

export interface AnswerOptions extends WithTerminal {
  /** The dialog that the human saw. The plugin throws REFUSED when another one is open by now, or none. */
  dialog: Dialog;
  /** 1 = the first choice; null: the answer is free text. */
  number: number | null;
  /** Also allow this from now on. Throws REFUSED where the agent has no such choice. */
  isAlways: boolean;
}

/** What `ao doctor` shows of an agent. */
export interface AgentFinding {
  level: "ok" | "warning" | "error";
  text: string;
  hint?: string;
}

/** What is known before a launch. */
export interface AgentPreflight {
  agentConfig: Record<string, unknown>;
  env: Record<string, string>;
  /** false: the runtime shows no screen and presses no keys. */
  hasScreen?: boolean;
}

/** WHICH program works, and how to read it. Knows nothing of where it runs. */
export interface Agent {
  readonly name?: string;
  /** The program as it appears in a process list. */
  readonly processName: string;
  readonly promptDelivery?: "inline" | "post-launch";
  /** `per-turn`: the program ends after each turn with status 0, and a message starts it again. Default `interactive`. */
  readonly lifetime?: "interactive" | "per-turn";
  /** true: standing instructions go in through `AgentLaunchConfig.instructions`, and the prompt holds issue and task only. */
  readonly takesInstructions?: boolean;
  /** Whether this agent confirms messages. `never`: written is all there is to know. Default `never`. */
  readonly receipts?: "always" | "never";
  /** false: a per-turn agent that takes no message after its first turn. */
  readonly canResume?: boolean;
  /** Names of variables that an outer agent of this kind leaves in the environment; removed before a launch. */
  readonly outerMarks?: readonly string[];
  getLaunchCommand(config: AgentLaunchConfig): string;
  getEnvironment(config: AgentLaunchConfig): Record<string, string>;
  /** From the last lines of the screen: the least trusted source. */
  detectActivity(terminalOutput: string): ActivityState;
  getActivityState(session: Session, readyThresholdMs?: number): Promise<ActivityDetection | null>;
  isProcessRunning(handle: RuntimeHandle): Promise<boolean>;
  getSessionInfo(session: Session): Promise<AgentSessionInfo | null>;
  /** null: this session cannot be continued; it is started anew with a prompt that says so. */
  getRestoreCommand?(session: Session, project: ProjectConfig): Promise<string | null>;
  /** Before anything is made: throws UNAVAILABLE (program missing) or CONFIG (options wrong). */
  preflight?(check: AgentPreflight): Promise<void>;
  postLaunchSetup?(session: Session): Promise<void>;
  setupWorkspaceHooks?(workspacePath: string, config: WorkspaceHooksConfig): Promise<void>;
  /** Preferred to `getLaunchCommand` and `getRestoreCommand`. null with `resume`: cannot continue. */
  getLaunchSpec?(config: AgentLaunchConfig): Promise<LaunchSpec | null>;
  /** Pushes facts until stopped. `hint` calls tell the plugin what the runtime saw, so that it need not look itself. */
  observe?(session: Session, onFact: (fact: AgentFact) => void, means?: WithTerminal): Promise<AgentObservation>;
  /** The agent's own way in; without it the runtime types. Must not repeat a message id. */
  deliver?(session: Session, message: OutgoingMessage, options: WithTerminal): Promise<DeliveryResult>;
  /** Answers the open dialog: `choice` is the label of a choice, or free text. */
  answer?(session: Session, choice: string, options: AnswerOptions): Promise<void>;
  /** The agent's own interrupt. Without it: `interruptKeys`. */
  interrupt?(session: Session, options: WithTerminal): Promise<void>;
  /** Keys of the agent's own interrupt, where it has one. Default: C-c. */
  readonly interruptKeys?: ("C-c" | "Escape")[];
  /** The conversation as plain text, its end, for a hand-over to another agent. null: there is none. */
  getTranscript?(session: Session, limits: { maxBytes: number }): Promise<string | null>;
  /** For `ao doctor`: program, version, and whether its versions are among those that the plugin was tried with. */
  examine?(check: { agentConfig: Record<string, unknown>; env: Record<string, string> }): Promise<AgentFinding[]>;
}

export interface AgentObservation {
  /** What the runtime saw of this session. */
  hint(fact: { kind: "output" | "ready" | "human-input"; at: Iso }): void;
  stop(): Promise<void>;
}

export interface WorkspaceHooksConfig {
  sessionId: string;
  sessionDir: string;
  /** The `ao` that hooks should call. */
  aoPath: string;
}
