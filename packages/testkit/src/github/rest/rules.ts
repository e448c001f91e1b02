import { setProtection } from "../domain/protection.ts";
import { NO_DEMANDS, rulesetsOn } from "../domain/rules.ts";
import { byId, type Call, created, NO_CONTENT, ok, page, required } from "../http/call.ts";
import { Refusal } from "../http/failure.ts";
import { type Route, route } from "../http/router.ts";
import type { Demands, Ruleset } from "../model/repo.ts";
import { repoApi } from "../views/repos.ts";
import { fullName } from "../world.ts";

const R = "/repos/{owner}/{repo}";
const B = `${R}/branches/{branch}/protection`;
const READ = "administration:read by admin";
const WRITE = "administration:write by admin";

const notProtected = () => new Refusal(404, "Branch not protected");

function demandsOf(call: Call): Demands {
  const demands = call.repo.protections.get(call.params.branch ?? "");
  if (demands === undefined) throw notProtected();
  return demands;
}

const checksView = (api: string, { isStrict, requiredChecks }: Demands) => ({
  url: `${api}/required_status_checks`,
  strict: isStrict,
  contexts: requiredChecks.map(({ context }) => context),
  contexts_url: `${api}/required_status_checks/contexts`,
  checks: requiredChecks.map(({ context, appId }) => ({ context, app_id: appId })),
});

const reviewsView = (api: string, demands: Demands) => ({
  url: `${api}/required_pull_request_reviews`,
  dismiss_stale_reviews: demands.dismissesStale,
  require_code_owner_reviews: demands.requiresCodeOwners,
  require_last_push_approval: false,
  required_approving_review_count: demands.requiredApprovals ?? 0,
});

function protectionView(call: Call, demands: Demands) {
  const api = `${repoApi(call.urls, call.repo)}/branches/${call.params.branch}/protection`;
  return {
    url: api,
    ...(demands.requiredChecks.length > 0 || demands.isStrict
      ? { required_status_checks: checksView(api, demands) }
      : {}),
    ...(demands.requiredApprovals === null ? {} : { required_pull_request_reviews: reviewsView(api, demands) }),
    required_signatures: { url: `${api}/required_signatures`, enabled: false },
    enforce_admins: { url: `${api}/enforce_admins`, enabled: demands.enforcesAdmins },
    required_linear_history: { enabled: demands.requiresLinearHistory },
    allow_force_pushes: { enabled: false },
    allow_deletions: { enabled: false },
    block_creations: { enabled: false },
    required_conversation_resolution: { enabled: demands.requiresResolvedThreads },
    lock_branch: { enabled: false },
    allow_fork_syncing: { enabled: false },
  };
}

interface ProtectionBody {
  required_status_checks?: {
    strict?: boolean;
    contexts?: string[];
    checks?: { context: string; app_id?: number }[];
  } | null;
  required_pull_request_reviews?: {
    required_approving_review_count?: number;
    dismiss_stale_reviews?: boolean;
    require_code_owner_reviews?: boolean;
  } | null;
  enforce_admins?: boolean | null;
  required_linear_history?: boolean;
  required_conversation_resolution?: boolean;
}

async function protect(call: Call) {
  const body = call.body as ProtectionBody;
  const { required_status_checks: checks, required_pull_request_reviews: reviews } = body;
  const named = checks?.checks?.map(({ context, app_id }) => ({ context, appId: app_id ?? null })) ?? [];
  const demands: Demands = {
    ...NO_DEMANDS,
    requiredChecks: named.length > 0 ? named : (checks?.contexts ?? []).map((context) => ({ context, appId: null })),
    isStrict: checks?.strict ?? false,
    requiredApprovals: reviews == null ? null : (reviews.required_approving_review_count ?? 1),
    dismissesStale: reviews?.dismiss_stale_reviews ?? false,
    requiresCodeOwners: reviews?.require_code_owner_reviews ?? false,
    requiresLinearHistory: body.required_linear_history ?? false,
    requiresResolvedThreads: body.required_conversation_resolution ?? false,
    enforcesAdmins: body.enforce_admins ?? false,
  };
  await setProtection(call.repo, call.params.branch ?? "", demands);
  return ok(protectionView(call, demands));
}

/** A ruleset's demands as the list of rules that GitHub has for them. */
export function ruleViews(demands: Demands): { type: string; parameters?: Record<string, unknown> }[] {
  const rules: { type: string; parameters?: Record<string, unknown> }[] = [];
  if (demands.requiresLinearHistory) rules.push({ type: "required_linear_history" });
  if (demands.requiredApprovals !== null) {
    rules.push({
      type: "pull_request",
      parameters: {
        allowed_merge_methods: ["merge", "squash", "rebase"],
        dismiss_stale_reviews_on_push: demands.dismissesStale,
        require_code_owner_review: demands.requiresCodeOwners,
        require_last_push_approval: false,
        required_approving_review_count: demands.requiredApprovals,
        required_review_thread_resolution: demands.requiresResolvedThreads,
      },
    });
  }
  if (demands.requiredChecks.length > 0) {
    rules.push({
      type: "required_status_checks",
      parameters: {
        strict_required_status_checks_policy: demands.isStrict,
        do_not_enforce_on_create: false,
        required_status_checks: demands.requiredChecks.map(({ context, appId }) => ({
          context,
          ...(appId === null ? {} : { integration_id: appId }),
        })),
      },
    });
  }
  if (demands.mergeQueue !== null) {
    rules.push({
      type: "merge_queue",
      parameters: {
        check_response_timeout_minutes: 60,
        grouping_strategy: "ALLGREEN",
        max_entries_to_build: 5,
        max_entries_to_merge: 5,
        merge_method: demands.mergeQueue.toUpperCase(),
        min_entries_to_merge: 1,
        min_entries_to_merge_wait_minutes: 5,
      },
    });
  }
  return rules;
}

type RuleBody = { type: string; parameters?: Record<string, unknown> };

function demandsFrom(rules: RuleBody[]): Demands {
  const find = (type: string) => rules.find((rule) => rule.type === type)?.parameters;
  const [pull, checks, queue] = [find("pull_request"), find("required_status_checks"), find("merge_queue")];
  const rows = (checks?.required_status_checks ?? []) as { context: string; integration_id?: number }[];
  return {
    ...NO_DEMANDS,
    requiredChecks: rows.map(({ context, integration_id }) => ({ context, appId: integration_id ?? null })),
    isStrict: checks?.strict_required_status_checks_policy === true,
    requiredApprovals: pull === undefined ? null : Number(pull.required_approving_review_count ?? 0),
    dismissesStale: pull?.dismiss_stale_reviews_on_push === true,
    requiresCodeOwners: pull?.require_code_owner_review === true,
    requiresResolvedThreads: pull?.required_review_thread_resolution === true,
    requiresLinearHistory: rules.some(({ type }) => type === "required_linear_history"),
    enforcesAdmins: true,
    mergeQueue:
      queue === undefined ? null : (String(queue.merge_method ?? "MERGE").toLowerCase() as Demands["mergeQueue"]),
  };
}

function rulesetView(call: Call, set: Ruleset) {
  return {
    id: set.id,
    name: set.name,
    target: "branch",
    source_type: "Repository",
    source: fullName(call.repo),
    enforcement: set.enforcement,
    node_id: set.nodeId,
    created_at: set.createdAt,
    updated_at: set.createdAt,
    _links: { self: { href: `${repoApi(call.urls, call.repo)}/rulesets/${set.id}` } },
  };
}

function fullRulesetView(call: Call, set: Ruleset) {
  const include = set.branches.map((name) =>
    name.startsWith("~") || name.startsWith("refs/") ? name : `refs/heads/${name}`,
  );
  return {
    ...rulesetView(call, set),
    conditions: { ref_name: { include, exclude: [] } },
    rules: ruleViews(set.demands),
    bypass_actors: [],
    current_user_can_bypass: "never",
  };
}

function createRuleset(call: Call) {
  const conditions = call.body.conditions as { ref_name?: { include?: string[] } } | undefined;
  const set = call.world.add<Ruleset>("RRS", {
    name: required(call, "name", "Ruleset"),
    enforcement: required(call, "enforcement", "Ruleset") as Ruleset["enforcement"],
    branches: conditions?.ref_name?.include ?? ["~DEFAULT_BRANCH"],
    demands: demandsFrom((call.body.rules ?? []) as RuleBody[]),
    createdAt: call.world.iso(),
  });
  call.repo.rulesets.push(set);
  return created(fullRulesetView(call, set));
}

export const ruleRoutes: Route[] = [
  route(`GET ${B}`, READ, (call) => ok(protectionView(call, demandsOf(call)))),
  route(`PUT ${B}`, WRITE, protect),
  route(`DELETE ${B}`, WRITE, async (call) => {
    demandsOf(call);
    await setProtection(call.repo, call.params.branch ?? "", null);
    return NO_CONTENT;
  }),
  route(`GET ${B}/required_status_checks`, READ, (call) => {
    const demands = demandsOf(call);
    if (demands.requiredChecks.length === 0 && !demands.isStrict)
      throw new Refusal(404, "Required status checks not enabled");
    return ok(checksView(`${repoApi(call.urls, call.repo)}/branches/${call.params.branch}/protection`, demands));
  }),
  route(`GET ${B}/required_pull_request_reviews`, READ, (call) => {
    const demands = demandsOf(call);
    if (demands.requiredApprovals === null) throw new Refusal(404, "Pull request reviews are not required");
    return ok(reviewsView(`${repoApi(call.urls, call.repo)}/branches/${call.params.branch}/protection`, demands));
  }),
  route(`GET ${R}/rules/branches/{branch}`, "metadata:read", (call) => {
    const rows = rulesetsOn(call.repo, call.params.branch ?? "").flatMap((set) =>
      ruleViews(set.demands).map((rule) => ({
        ...rule,
        ruleset_source_type: "Repository",
        ruleset_source: fullName(call.repo),
        ruleset_id: set.id,
      })),
    );
    return page(call, rows, (row) => row);
  }),
  route(`GET ${R}/rulesets`, "metadata:read", (call) =>
    page(call, call.repo.rulesets, (set) => rulesetView(call, set)),
  ),
  route(`POST ${R}/rulesets`, WRITE, createRuleset),
  route(`GET ${R}/rulesets/{ruleset_id}`, "metadata:read", (call) =>
    ok(fullRulesetView(call, byId(call.repo.rulesets, call.params.ruleset_id))),
  ),
  route(`DELETE ${R}/rulesets/{ruleset_id}`, WRITE, (call) => {
    const set = byId(call.repo.rulesets, call.params.ruleset_id);
    call.repo.rulesets = call.repo.rulesets.filter((other) => other !== set);
    return NO_CONTENT;
  }),
];
