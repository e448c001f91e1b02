import type { Activity } from "../model/activity.ts";
import type { ProjectConfig } from "../model/project.ts";
import type { ActivityState } from "../model/status.ts";
import type { Iso } from "../model/time.ts";
import type { CallOptions, RuntimeHandle, Session } from "./common.ts";

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
  | { kind: "activity"; activity: Activity }
  /** A turn ended; `at` is the agent's own time where it tells one. */
  | { kind: "turn-ended"; at: Iso }
  /** The agent itself confirms a message: `id` where it carries ours, else the text it took. */
  | { kind: "accepted"; messageId?: string; text?: string; at: Iso }
  | { kind: "info"; info: Partial<AgentSessionInfo> }
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

/** How a message went in. `unconfirmed`: written, and this agent never gives a receipt. */
export type DeliveryResult = { outcome: "accepted" | "written" | "unconfirmed" };

/** WHICH program works, and how to read it. Knows nothing of where it runs. */
export interface Agent {
  readonly name?: string;
  /** The program as it appears in a process list. */
  readonly processName: string;
  readonly promptDelivery?: "inline" | "post-launch";
  /** `per-turn`: the program ends after each turn with status 0, and a message starts it again. Default `interactive`. */
  readonly lifetime?: "interactive" | "per-turn";
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
  preflight?(check: { agentConfig: Record<string, unknown>; env: Record<string, string> }): Promise<void>;
  postLaunchSetup?(session: Session): Promise<void>;
  setupWorkspaceHooks?(workspacePath: string, config: WorkspaceHooksConfig): Promise<void>;
  /** Preferred to `getLaunchCommand` and `getRestoreCommand`. null with `resume`: cannot continue. */
  getLaunchSpec?(config: AgentLaunchConfig): Promise<LaunchSpec | null>;
  /** Pushes facts until stopped. `hint` calls tell the plugin what the runtime saw, so that it need not look itself. */
  observe?(session: Session, onFact: (fact: AgentFact) => void): Promise<AgentObservation>;
  /** The agent's own way in; without it the runtime types. Must not repeat a message id. */
  deliver?(session: Session, message: OutgoingMessage, options?: CallOptions): Promise<DeliveryResult>;
  answer?(session: Session, choice: string, options?: CallOptions): Promise<void>;
  /** Keys of the agent's own interrupt, where it has one. Default: C-c. */
  readonly interruptKeys?: ("C-c" | "Escape")[];
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
