import type { Connection, WorkspaceCreateConfig } from "@agent-orchestrator/core/slots/workspace";
import type { Repository } from "../git/repository.ts";
import type { Checkout } from "../git/view.ts";
import type { CheckoutHost } from "./host.ts";
import type { Manifest } from "./kept.ts";
import type { WorkspaceRecords } from "./records.ts";
import type { Removals } from "./removals.ts";

export interface AddRequest {
  path: string;
  branch: string;
  sessionId: string;
  /** Make the branch at this commit; null: it exists. */
  newAt: string | null;
}

export interface Placed {
  path: string;
  sessionId: string;
}

export interface BringBack {
  config: WorkspaceCreateConfig;
  kept: string;
  manifest: Manifest;
}

/** What differs between kinds of checkout. Everything that moves a ref is called inside the repository's lock. */
export interface CheckoutKind {
  name: string;
  /** Makes branch and checkout, without files. */
  add(host: CheckoutHost, repo: Repository, request: AddRequest): Promise<Checkout>;
  /** Throws REFUSED when an existing branch cannot have another checkout, as `add` would. Absent: it always can. */
  checkUnused?(host: CheckoutHost, repo: Repository, branch: string): Promise<void>;
  /** The checkout at `path`, as the repository knows it: an agent may have changed any file in it. */
  at(repo: Repository, path: string): Promise<Checkout>;
  /** The repository whose refs and remotes are those of the checkout. */
  refsOf(repo: Repository, checkout: Checkout): Repository;
  /** Removes what the repository knows of a checkout, whole or half-made; its files are gone already. */
  forget(repo: Repository, path: string): Promise<void>;
  /** See `Workspace.connection` and `reconnect`. */
  connection(repo: Repository, place: Placed): Promise<Connection>;
  reconnect(host: CheckoutHost, repo: Repository, place: Placed): Promise<void>;
  /** Lets the user remove the checkout by the means of git. */
  release(repo: Repository, place: Placed): Promise<void>;
  /** Objects, branch and git folder of kept work; the checkout has no files yet. */
  bringBack(host: CheckoutHost, repo: Repository, request: BringBack): Promise<Checkout>;
  /** Brings the branch's commits into the project's repository. Absent: they are there already. */
  publish?(host: CheckoutHost, repo: Repository, checkout: Checkout): Promise<void>;
  /** Brings a branch of the project's repository into the checkout's own. Absent: it is there already. */
  receive?(host: CheckoutHost, repo: Repository, to: { checkout: Checkout; branch: string }): Promise<void>;
}

/** What the functions for one kind of checkout share. */
export interface Making {
  kind: CheckoutKind;
  host: CheckoutHost;
  records: WorkspaceRecords;
  removals: Removals;
}
