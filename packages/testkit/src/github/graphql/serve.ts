import {
  type ExecutionResult,
  execute,
  GraphQLError,
  type GraphQLFieldResolver,
  getOperationAST,
  OverlappingFieldsCanBeMergedRule,
  parse,
  specifiedRules,
  validate,
} from "graphql";
import { budgetKey } from "../http/budget.ts";
import { Refusal } from "../http/failure.ts";
import type { Limits } from "../http/limits.ts";
import type { Exchange, Served } from "../http/surface.ts";
import type { World } from "../world.ts";
import { costOf } from "./cost.ts";
import { MUTATIONS } from "./mutations.ts";
import { queryRoot } from "./query.ts";
import { officialSchema } from "./schema.ts";
import type { Scope } from "./scope.ts";

/** Like the usual resolver, but a field that this GitHub does not have fails, so that nobody takes it for empty. */
const resolveField: GraphQLFieldResolver<unknown, Scope> = (...[source, args, scope, info]) => {
  const from = source as Record<string, unknown>;
  if (!(info.fieldName in from))
    throw new GraphQLError(`the counterpart has no ${info.parentType.name}.${info.fieldName}`);
  const value = from[info.fieldName];
  return typeof value === "function" ? (value as (args: unknown, scope: Scope) => unknown)(args, scope) : value;
};

function failed(error: GraphQLError): Record<string, unknown> {
  const { originalError, message, locations, path, extensions } = error;
  const type = originalError instanceof Refusal ? originalError.type : undefined;
  return {
    ...(type === undefined ? {} : { type }),
    ...(path === undefined ? {} : { path }),
    ...(Object.keys(extensions).length === 0 ? {} : { extensions }),
    ...(locations === undefined ? {} : { locations }),
    message:
      originalError instanceof Refusal && originalError.errors !== null
        ? originalError.errors
            .map((one) => (typeof one === "string" ? one : ((one as { message?: string }).message ?? message)))
            .join(", ")
        : message,
  };
}

/** GitHub lets fields of one name have different types in types that exclude each other, and `gh` relies on it. */
const RULES = specifiedRules.filter((rule) => rule !== OverlappingFieldsCanBeMergedRule);

interface Parts {
  world: World;
  limits: Limits;
}

export async function serveGraphQL({ world, limits }: Parts, { viewer, urls, log }: Exchange): Promise<Served> {
  if (viewer.account === null)
    throw new Refusal(401, "This endpoint requires you to be authenticated.", {
      documentation: "https://docs.github.com/graphql/guides/forming-calls-with-graphql#authenticating-with-graphql",
    });
  const { query, variables, operationName } = (log.body ?? {}) as {
    query?: unknown;
    variables?: Record<string, unknown>;
    operationName?: string;
  };
  if (typeof query !== "string") throw new Refusal(400, "A query attribute must be specified and must be a string.");
  const schema = officialSchema();
  const answer = (body: unknown, cost = 1): Served => ({ status: 200, body, cost });
  const refuse = (errors: readonly GraphQLError[]) => answer({ errors: errors.map(failed) });
  let document: ReturnType<typeof parse>;
  try {
    document = parse(query);
  } catch (error) {
    return refuse([error as GraphQLError]);
  }
  const invalid = validate(schema, document, RULES);
  if (invalid.length > 0) return refuse(invalid);
  const operation = getOperationAST(document, operationName);
  if (operation == null) return refuse([new GraphQLError("An operation name is required")]);
  let cost: { points: number; nodes: number };
  try {
    cost = costOf({ schema, document, operation, variables: variables ?? {} });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return answer({ errors: [{ type: error.type, message: error.message }] });
  }
  const bucket = limits.bucket(budgetKey(viewer), "graphql");
  const scope: Scope = {
    world,
    viewer,
    urls,
    cost,
    budget: () => ({ limit: bucket.limit, used: bucket.used + cost.points, resetAt: bucket.resetAt }),
  };
  const result: ExecutionResult = await execute({
    schema,
    document,
    rootValue: operation.operation === "mutation" ? MUTATIONS : queryRoot(scope),
    contextValue: scope,
    variableValues: variables ?? {},
    ...(operationName === undefined ? {} : { operationName }),
    fieldResolver: resolveField,
  });
  const { data, errors } = result;
  return answer(
    { ...(data === undefined ? {} : { data }), ...(errors === undefined ? {} : { errors: errors.map(failed) }) },
    cost.points,
  );
}
