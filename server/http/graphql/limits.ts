import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isInterfaceType,
  isListType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  type ValueNode,
  visit,
} from "graphql";
import type { Settings } from "../../config/schema.ts";
import { AppError } from "../../errors/app-error.ts";
import { policyOf } from "./schema.ts";

/** What a list costs when nothing says how long it is. */
const ASSUMED_LIST_LENGTH = 10;
/** Directives of one document; none of ours repeats. */
const MAX_DIRECTIVES = 50;
/** How often one field may stand in one place: once is what everybody writes. */
const MAX_REPEATS = 20;
/** Fields of one operation with every fragment spread; the longest introspection query has some three hundred. */
const MAX_SPREAD_SELECTIONS = 2_000;
/** What tells how long a list is; where a field has several, the longest counts. */
const LENGTH_ARGUMENTS: ReadonlySet<string> = new Set(["limit", "before", "after"]);

type Limits = Settings["graphql"];
type Variables = Readonly<Record<string, unknown>>;

/**
 * Checks what does not depend on the schema or on variables: depth, aliases, directives, repeated fields, fragments in
 * circles, and the size with all fragments spread. Runs before validation, whose time grows with the square of repeated
 * fields, and before compilation, whose time grows with the spread size.
 *
 * @throws AppError `query_too_complex`
 */
export function checkShape(document: DocumentNode, limits: Limits): void {
  let aliases = 0;
  let directives = 0;
  visit(document, {
    Field: (node) => {
      if (node.alias) aliases++;
    },
    Directive: () => {
      directives++;
    },
    SelectionSet: refuseRepeats,
  });
  refuseAbove(aliases, limits.maxAliases, "aliases");
  refuseAbove(directives, MAX_DIRECTIVES, "directives");
  const shapes = new Shapes(fragmentsOf(document));
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    const { depth, selections } = shapes.of(definition.selectionSet);
    refuseAbove(depth, limits.maxDepth, "levels of nested fields");
    refuseAbove(selections, MAX_SPREAD_SELECTIONS, "fields with all fragments spread");
  }
}

function refuseRepeats({ selections }: SelectionSetNode): void {
  const counts = new Map<string, number>();
  for (const selection of selections) {
    if (selection.kind === Kind.INLINE_FRAGMENT) continue;
    const name =
      selection.kind === Kind.FIELD
        ? (selection.alias ?? selection.name).value
        : `...${selection.name.value}`;
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    refuseAbove(count, MAX_REPEATS, `times ${name} in one place`);
  }
}

/** How deep a selection goes, and how many fields it has once every fragment is spread. */
interface Shape {
  depth: number;
  selections: number;
}

/** Measures fragments once each, so that a few that spread each other many times cost no more than their text. */
class Shapes {
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly #known = new Map<string, Shape | "being measured">();

  constructor(fragments: ReadonlyMap<string, FragmentDefinitionNode>) {
    this.#fragments = fragments;
  }

  of(selectionSet: SelectionSetNode): Shape {
    const shape = { depth: 0, selections: 0 };
    for (const selection of selectionSet.selections) {
      const part = this.#ofSelection(selection);
      shape.depth = Math.max(shape.depth, part.depth);
      shape.selections += part.selections;
    }
    return shape;
  }

  #ofSelection(selection: SelectionNode): Shape {
    if (selection.kind === Kind.FRAGMENT_SPREAD) return this.#ofFragment(selection.name.value);
    if (selection.kind === Kind.INLINE_FRAGMENT) return this.of(selection.selectionSet);
    const below = selection.selectionSet ? this.of(selection.selectionSet) : { depth: 0, selections: 0 };
    const isIntrospection = selection.name.value.startsWith("__");
    return { depth: isIntrospection ? 0 : below.depth + 1, selections: below.selections + 1 };
  }

  #ofFragment(name: string): Shape {
    const known = this.#known.get(name);
    if (known === "being measured") {
      throw new AppError("query_too_complex", `The fragment ${name} spreads itself.`);
    }
    if (known) return known;
    const fragment = this.#fragments.get(name);
    if (!fragment) return { depth: 0, selections: 0 };
    this.#known.set(name, "being measured");
    const shape = this.of(fragment.selectionSet);
    this.#known.set(name, shape);
    return shape;
  }
}

/** A query's cost. `dependsOnVariables` tells whether other variables could change it. */
export interface Cost {
  total: number;
  dependsOnVariables: boolean;
}

/**
 * What an operation costs: one a field, and what the field states of its own work; a list multiplies what is asked of each
 * item by its `limit` argument (or `before`, `after`), by that of the page it stands in, or by ten. Introspection is
 * limited by a rule of its own and costs nothing.
 */
export class CostMeter {
  readonly #schema: GraphQLSchema;
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly #variables: Variables;
  readonly #known = new Map<string, number>();
  #dependsOnVariables = false;

  constructor(schema: GraphQLSchema, document: DocumentNode, variables: Variables) {
    this.#schema = schema;
    this.#fragments = fragmentsOf(document);
    this.#variables = variables;
  }

  measure(operation: OperationDefinitionNode): Cost {
    const root = this.#schema.getRootType(operation.operation);
    const total = root ? this.#ofSelections(operation.selectionSet, root, undefined, operation) : 0;
    return { total, dependsOnVariables: this.#dependsOnVariables };
  }

  #ofSelections(
    set: SelectionSetNode,
    parent: GraphQLOutputType,
    pageLength: number | undefined,
    operation: OperationDefinitionNode,
  ): number {
    let total = 0;
    for (const selection of set.selections) {
      if (selection.kind === Kind.FRAGMENT_SPREAD) {
        total += this.#ofFragment(selection.name.value, pageLength, operation);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        const condition = selection.typeCondition?.name.value;
        const type = condition ? this.#objectType(condition) : parent;
        if (type) total += this.#ofSelections(selection.selectionSet, type, pageLength, operation);
      } else if (!selection.name.value.startsWith("__")) {
        total += this.#ofField(selection, parent, pageLength, operation);
      }
    }
    return total;
  }

  #ofFragment(name: string, pageLength: number | undefined, operation: OperationDefinitionNode): number {
    const key = `${name} ${pageLength}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const fragment = this.#fragments.get(name);
    const type = fragment && this.#objectType(fragment.typeCondition.name.value);
    const cost = type ? this.#ofSelections(fragment.selectionSet, type, pageLength, operation) : 0;
    this.#known.set(key, cost);
    return cost;
  }

  #ofField(
    node: FieldNode,
    parent: GraphQLOutputType,
    pageLength: number | undefined,
    operation: OperationDefinitionNode,
  ): number {
    const field = this.#fieldOf(parent, node.name.value);
    if (!field) return 1;
    const own = 1 + (policyOf(field).cost ?? 0);
    if (!node.selectionSet) return own;
    const length = this.#lengthOf(node, field, operation);
    const isList = isListType(getNullableType(field.type));
    const below = this.#ofSelections(
      node.selectionSet,
      getNamedType(field.type) as GraphQLOutputType,
      isList ? undefined : (length ?? pageLength),
      operation,
    );
    return own + below * (isList ? (length ?? pageLength ?? ASSUMED_LIST_LENGTH) : 1);
  }

  #lengthOf(
    node: FieldNode,
    field: GraphQLField<unknown, unknown>,
    operation: OperationDefinitionNode,
  ): number | undefined {
    const lengths = field.args.flatMap(({ name, defaultValue }) => {
      if (!LENGTH_ARGUMENTS.has(name)) return [];
      const given = node.arguments?.find((argument) => argument.name.value === name)?.value;
      const value = (given && this.#valueOf(given, operation)) ?? defaultValue;
      return typeof value === "number" && Number.isFinite(value) ? [Math.max(1, value)] : [];
    });
    return lengths.length === 0 ? undefined : Math.max(...lengths);
  }

  #valueOf(node: ValueNode, operation: OperationDefinitionNode): unknown {
    if (node.kind === Kind.INT) return Number(node.value);
    if (node.kind !== Kind.VARIABLE) return undefined;
    this.#dependsOnVariables = true;
    const name = node.name.value;
    if (this.#variables[name] !== undefined) return this.#variables[name];
    const definition = operation.variableDefinitions?.find(({ variable }) => variable.name.value === name);
    return definition?.defaultValue?.kind === Kind.INT ? Number(definition.defaultValue.value) : undefined;
  }

  #fieldOf(parent: GraphQLOutputType, name: string): GraphQLField<unknown, unknown> | undefined {
    return isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[name] : undefined;
  }

  #objectType(name: string): GraphQLObjectType | undefined {
    const type = this.#schema.getType(name);
    return isObjectType(type) ? type : undefined;
  }
}

/** @throws AppError `query_too_complex` */
export function refuseAbove(count: number, limit: number, what: string): void {
  if (count <= limit) return;
  throw new AppError("query_too_complex", `The query has ${count} ${what}; at most ${limit} are allowed.`);
}

/** Whether a parser's complaint is about the number of tokens. */
export function isTokenLimit(thrown: unknown): boolean {
  return thrown instanceof GraphQLError && thrown.message.includes("tokens. Parsing aborted");
}

function fragmentsOf(document: DocumentNode): ReadonlyMap<string, FragmentDefinitionNode> {
  return new Map(
    document.definitions.flatMap((definition) =>
      definition.kind === Kind.FRAGMENT_DEFINITION ? [[definition.name.value, definition] as const] : [],
    ),
  );
}
