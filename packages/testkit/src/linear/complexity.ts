import {
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isInterfaceType,
  isLeafType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from "graphql";

const PAGE = 50;

/**
 * What a query costs, as Linear documents it: a tenth of a point for each property, one for each object, and a connection multiplies what
 * is in it by the number of records asked for, or by 50. Rounded up.
 */
export function complexityOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  variables: Record<string, unknown>,
): number {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const one of document.definitions) if (one.kind === Kind.FRAGMENT_DEFINITION) fragments.set(one.name.value, one);
  const operation = document.definitions.find(
    (one): one is OperationDefinitionNode => one.kind === Kind.OPERATION_DEFINITION,
  );
  const root = operation === undefined ? undefined : schema.getRootType(operation.operation);
  if (operation === undefined || !root) return 0;

  function cost(selections: SelectionSetNode, parent: GraphQLNamedType): number {
    return selections.selections.reduce((sum, one) => {
      if (one.kind === Kind.FRAGMENT_SPREAD) {
        const fragment = fragments.get(one.name.value);
        return sum + (fragment === undefined ? 0 : cost(fragment.selectionSet, parent));
      }
      if (one.kind === Kind.INLINE_FRAGMENT) {
        const on = one.typeCondition === undefined ? parent : schema.getType(one.typeCondition.name.value);
        return sum + cost(one.selectionSet, on ?? parent);
      }
      const field = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[one.name.value] : undefined;
      if (field === undefined) return sum;
      const type = getNamedType(field.type);
      if (isLeafType(type) || one.selectionSet === undefined) return sum + 0.1;
      const given = one.arguments?.find(({ name }) => name.value === "first" || name.value === "last")?.value;
      const count =
        given?.kind === Kind.VARIABLE ? variables[given.name.value] : given?.kind === Kind.INT && given.value;
      const times = type.name.endsWith("Connection") ? Number(count || PAGE) : 1;
      return sum + 1 + times * cost(one.selectionSet, type);
    }, 0);
  }
  return Math.ceil(cost(operation.selectionSet, root));
}
