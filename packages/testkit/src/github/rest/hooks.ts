import { deliver, tellHook } from "../hooks/deliver.ts";
import { accepted, byId, type Call, created, NO_CONTENT, ok, page } from "../http/call.ts";
import { invalid } from "../http/failure.ts";
import { type Route, route } from "../http/router.ts";
import type { Delivery, Hook } from "../model/hooks.ts";
import { repoApi } from "../views/repos.ts";

const H = "/repos/{owner}/{repo}/hooks";
const ONE = `${H}/{hook_id}`;
const READ = "repository_hooks:read by admin";
const WRITE = "repository_hooks:write by admin";

export function hookView(call: Pick<Call, "urls" | "repo">, hook: Hook) {
  const url = `${repoApi(call.urls, call.repo)}/hooks/${hook.id}`;
  const last = hook.deliveries.at(-1);
  return {
    type: "Repository",
    id: hook.id,
    name: "web",
    active: hook.isActive,
    events: hook.events,
    config: {
      content_type: hook.contentType,
      insecure_ssl: "0",
      url: hook.url,
      ...(hook.secret === null ? {} : { secret: "********" }),
    },
    updated_at: hook.updatedAt,
    created_at: hook.createdAt,
    url,
    test_url: `${url}/test`,
    ping_url: `${url}/pings`,
    deliveries_url: `${url}/deliveries`,
    last_response:
      last === undefined
        ? { code: null, status: "unused", message: null }
        : { code: last.statusCode, status: statusOf(last), message: statusOf(last) },
  };
}

const statusOf = ({ statusCode }: Delivery): string =>
  statusCode === 0 ? "failed to connect to host" : statusCode < 400 ? "OK" : "Invalid HTTP Response";

function deliveryItem(call: Call, delivery: Delivery) {
  return {
    id: delivery.id,
    guid: delivery.guid,
    delivered_at: delivery.deliveredAt,
    redelivery: delivery.isRedelivery,
    duration: delivery.durationMs / 1000,
    status: statusOf(delivery),
    status_code: delivery.statusCode,
    event: delivery.event,
    action: delivery.action,
    installation_id: null,
    repository_id: call.repo.id,
  };
}

const hookOf = (call: Call): Hook => byId(call.repo.hooks, call.params.hook_id);

function configOf(call: Call): { url?: string; secret?: string; content_type?: string } {
  return (call.body.config ?? {}) as { url?: string; secret?: string; content_type?: string };
}

function createHook(call: Call) {
  const config = configOf(call);
  if (config.url === undefined) throw invalid({ resource: "Hook", field: "url", code: "missing_field" });
  if (call.repo.hooks.some(({ url }) => url === config.url))
    throw invalid({
      resource: "Hook",
      field: "base",
      code: "custom",
      message: "Hook already exists on this repository",
    });
  const hook: Hook = {
    id: call.world.nextId(),
    url: config.url,
    secret: config.secret ?? null,
    contentType: config.content_type === "json" ? "json" : "form",
    events: (call.body.events as string[] | undefined) ?? ["push"],
    isActive: call.body.active !== false,
    createdAt: call.world.iso(),
    updatedAt: call.world.iso(),
    deliveries: [],
  };
  call.repo.hooks.push(hook);
  tellHook(call.world, call.repo, hook);
  return created(hookView(call, hook));
}

function updateHook(call: Call) {
  const hook = hookOf(call);
  const config = configOf(call);
  const events = call.body.events as string[] | undefined;
  Object.assign(hook, {
    events: events ?? hook.events,
    url: config.url ?? hook.url,
    secret: config.secret ?? hook.secret,
    updatedAt: call.world.iso(),
  });
  if (typeof call.body.active === "boolean") hook.isActive = call.body.active;
  return ok(hookView(call, hook));
}

export const hookRoutes: Route[] = [
  route(`GET ${H}`, READ, (call) => page(call, call.repo.hooks, (hook) => hookView(call, hook))),
  route(`POST ${H}`, WRITE, createHook),
  route(`GET ${ONE}`, READ, (call) => ok(hookView(call, hookOf(call)))),
  route(`PATCH ${ONE}`, WRITE, updateHook),
  route(`DELETE ${ONE}`, WRITE, (call) => {
    const hook = hookOf(call);
    call.repo.hooks = call.repo.hooks.filter((other) => other !== hook);
    return NO_CONTENT;
  }),
  route(`POST ${ONE}/pings`, WRITE, (call) => {
    tellHook(call.world, call.repo, hookOf(call));
    return NO_CONTENT;
  }),
  route(`GET ${ONE}/deliveries`, READ, (call) =>
    page(call, [...hookOf(call).deliveries].reverse(), (one) => deliveryItem(call, one)),
  ),
  route(`GET ${ONE}/deliveries/{delivery_id}`, READ, (call) => {
    const hook = hookOf(call);
    const delivery = byId(hook.deliveries, call.params.delivery_id);
    return ok({
      ...deliveryItem(call, delivery),
      url: hook.url,
      request: { headers: delivery.headers, payload: JSON.parse(delivery.payload) as unknown },
      response: { headers: {}, payload: delivery.response },
    });
  }),
  route(`POST ${ONE}/deliveries/{delivery_id}/attempts`, WRITE, (call) => {
    const hook = hookOf(call);
    const { event, action, guid, payload } = byId(hook.deliveries, call.params.delivery_id);
    call.world.later(() =>
      deliver(call.world, hook, { event, action, guid, payload, isRedelivery: true, repoId: call.repo.id }),
    );
    return accepted({});
  }),
];
