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

/** `(id: "text", …)`: every argument of a field that is text, and what it cannot do without. */
export function allArguments(field: Field, text: string): string {
  const given = field.args.filter(({ type }) => isNonNullType(type) || isText(type));
  if (given.length === 0) return "";
  return `(${given.map(({ name, type }) => `${name}: ${plainValue(type, text)}`).join(", ")})`;
}

const TEXT_TYPES: ReadonlySet<string> = new Set(["String", "ID", "JSON"]);
const isText = (type: GraphQLInputType): boolean => TEXT_TYPES.has(getNamedType(type).name);

/** A selection of everything below a field that needs no arguments, `depth` levels down. */
export function wholeSelection(field: Field, depth = 4): string {
  const type = getNamedType(field.type);
  if (!isObjectType(type)) return "";
  const chosen = Object.values(type.getFields()).flatMap((child) => {
    if (requiredArguments(child) !== "") return [];
    if (isLeafType(getNamedType(child.type))) return [child.name];
    const below = depth > 1 ? wholeSelection(child, depth - 1) : "";
    return below === "" ? [] : [`${child.name}${below}`];
  });
  return ` { ${chosen.length === 0 ? "__typename" : chosen.join(" ")} }`;
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

function plainValue(type: GraphQLInputType, text = "x"): string {
  if (isNonNullType(type)) return plainValue(type.ofType, text);
  if (isListType(type)) return `[${plainValue(type.ofType, text)}]`;
  if (isEnumType(type)) return type.getValues()[0]?.name ?? "X";
  if (isInputObjectType(type)) {
    const needed = Object.values(type.getFields()).filter((field) => isNonNullType(field.type));
    return `{ ${needed.map((field) => `${field.name}: ${plainValue(field.type, text)}`).join(", ")} }`;
  }
  if (type.name === "Severity") return "HIGH";
  if (type.name === "Int" || type.name === "Float" || type.name === "Long") return "1";
  return type.name === "Boolean" ? "true" : JSON.stringify(text);
}
