import {
  type GraphQLField,
  type GraphQLInputType,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
} from "graphql";

type Field = GraphQLField<unknown, unknown>;

/** `(id: "x", name: "x")` for what a field cannot do without; empty when it needs nothing. */
export function requiredArguments(field: Field): string {
  const needed = field.args.filter(
    (argument) => isNonNullType(argument.type) && argument.defaultValue === undefined,
  );
  if (needed.length === 0) return "";
  return `(${needed.map((argument) => `${argument.name}: ${plainValue(argument.type)}`).join(", ")})`;
}

/** A selection of the leaves one level below a field; empty for a leaf. */
export function leafSelection(field: Field): string {
  const type = getNamedType(field.type);
  if (!isObjectType(type)) return "";
  const leaf = Object.values(type.getFields()).find(
    (child) => isLeafType(getNamedType(child.type)) && requiredArguments(child) === "",
  );
  return ` { ${leaf?.name ?? "__typename"} }`;
}

function plainValue(type: GraphQLInputType): string {
  if (isNonNullType(type)) return plainValue(type.ofType);
  if (isListType(type)) return `[${plainValue(type.ofType)}]`;
  if (isEnumType(type)) return type.getValues()[0]?.name ?? "X";
  if (isInputObjectType(type)) {
    const needed = Object.values(type.getFields()).filter((field) => isNonNullType(field.type));
    return `{ ${needed.map((field) => `${field.name}: ${plainValue(field.type)}`).join(", ")} }`;
  }
  if (type.name === "Int" || type.name === "Float" || type.name === "Long") return "1";
  return type.name === "Boolean" ? "true" : '"x"';
}
