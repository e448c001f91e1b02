import {
  type DocumentNode,
  defaultFieldResolver,
  execute,
  type GraphQLFieldResolver,
  type GraphQLOutputType,
  getNamedType,
  isEnumType,
  isListType,
  isNonNullType,
  isObjectType,
  isScalarType,
} from "graphql";
import { LinearFailure } from "./failure.ts";
import { type Context, connection, READ } from "./read.ts";
import { linearSchema } from "./sdk-schema.ts";
import { WRITE } from "./write.ts";

/** A member that these tests don't keep: what Linear would answer for one that was never set. */
function standard(type: GraphQLOutputType): unknown {
  if (!isNonNullType(type)) return null;
  if (isListType(type.ofType)) return [];
  const named = getNamedType(type);
  if (isEnumType(named)) return named.getValues()[0]?.value;
  if (isObjectType(named)) return named.name.endsWith("Connection") ? connection([], {}) : {};
  if (!isScalarType(named)) return {};
  if (named.name === "Boolean") return false;
  if (named.name === "Int" || named.name === "Float") return 0;
  return named.name === "DateTime" ? new Date(0).toISOString() : "";
}

// biome-ignore lint/complexity/useMaxParams: GraphQL's resolvers have these
const resolve: GraphQLFieldResolver<unknown, Context> = (source, args, context, info) => {
  const own = { ...READ, Mutation: WRITE }[info.parentType.name]?.[info.fieldName];
  if (own !== undefined) return own(source as never, args, context);
  if (source === undefined) throw new Error(`the Linear of the tests has no ${info.fieldName}`);
  return defaultFieldResolver(source, args, context, info) ?? standard(info.returnType);
};

export interface Outcome {
  status: number;
  body: { data?: unknown; errors?: unknown[] };
}

/** Answers as Linear does: an error that the user can do something about leaves no data. */
export async function answer(
  document: DocumentNode,
  variables: Record<string, unknown>,
  context: Context,
): Promise<Outcome> {
  const { data, errors = [] } = await execute({
    schema: linearSchema(),
    document,
    variableValues: variables,
    contextValue: context,
    fieldResolver: resolve,
  });
  if (errors.length === 0) return { status: 200, body: { data } };
  const failures = errors.map(({ originalError, message, path }) => {
    if (originalError instanceof LinearFailure) return { ...originalError.toJSON(), path };
    return { message, path, extensions: { type: "internal error", code: "INTERNAL_SERVER_ERROR", statusCode: 500 } };
  });
  const first = errors[0]?.originalError;
  const isOfUser = first instanceof LinearFailure;
  const status = !isOfUser ? 500 : first.status === 400 ? 200 : first.status;
  return { status, body: { data: data ?? null, errors: failures } };
}
