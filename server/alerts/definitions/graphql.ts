import { type GraphBuilder, WORK } from "../../http/graphql-types.ts";
import { acceptedInput } from "../../security/accepted-input.ts";
import { type AlertVerbs, previewRule } from "../edge.ts";
import { CreateQuery, PreviewBody, type PreviewView } from "../model.ts";
import { definitionView } from "../views.ts";
import type { Defined, DefinitionKind } from "./schemas.ts";

/** What the graph calls each kind. */
const NAMES = {
  rule: { all: "alertRules", one: "AlertRule" },
  channel: { all: "notificationChannels", one: "NotificationChannel" },
  route: { all: "notificationRoutes", one: "NotificationRoute" },
  window: { all: "maintenanceWindows", one: "MaintenanceWindow" },
} as const satisfies Record<DefinitionKind, { all: string; one: string }>;

interface DefinitionNode {
  id: string;
  name: string;
  definition: unknown;
  createdAt: string;
  updatedAt: string;
  updatedBy: string;
}

/** Rules, channels, routes and windows as a graph: each with the body that REST takes and gives. */
export function addDefinitions(builder: GraphBuilder, verbs: AlertVerbs): void {
  const kinds = Object.keys(NAMES) as DefinitionKind[];
  for (const kind of kinds) addKind(builder, verbs, kind);
  addTrying(builder, verbs);
}

function addKind(builder: GraphBuilder, { definitions }: AlertVerbs, kind: DefinitionKind): void {
  const { all, one } = NAMES[kind];
  const type = builder.objectRef<DefinitionNode>(one).implement({
    fields: (t) => ({
      id: t.exposeString("id"),
      name: t.exposeString("name"),
      definition: t.expose("definition", { type: "JSON", description: "The body that REST takes" }),
      createdAt: t.expose("createdAt", { type: "DateTime" }),
      updatedAt: t.expose("updatedAt", { type: "DateTime" }),
      updatedBy: t.exposeString("updatedBy"),
    }),
  });
  builder.queryField(all, (t) =>
    t.field({
      type: [type],
      access: "alerts:read",
      description: "Oldest first",
      resolve: () => definitions.list(kind).map((defined) => nodeOf(defined)),
    }),
  );
  builder.mutationField(`create${one}`, (t) =>
    t.field({
      type,
      access: "alerts:write",
      args: {
        definition: t.arg({ type: "JSON", required: true }),
        restores: t.arg.string({ description: "Id of what was removed: the new one has it" }),
      },
      resolve: async (_root, { definition, ...args }, context) => {
        const { restores } = acceptedInput(CreateQuery, args);
        return nodeOf(await definitions.create(kind, objectOf(definition), context, restores));
      },
    }),
  );
  builder.mutationField(`replace${one}`, (t) =>
    t.field({
      type,
      access: "alerts:write",
      args: { id: t.arg.string({ required: true }), definition: t.arg({ type: "JSON", required: true }) },
      resolve: async (_root, { id, definition }, context) =>
        nodeOf(await definitions.replace(kind, id, objectOf(definition), context)),
    }),
  );
  builder.mutationField(`remove${one}`, (t) =>
    t.boolean({
      access: "alerts:write",
      args: { id: t.arg.string({ required: true }) },
      resolve: async (_root, { id }, context) => {
        await definitions.remove(kind, id, context);
        return true;
      },
    }),
  );
}

function addTrying(builder: GraphBuilder, verbs: AlertVerbs): void {
  const interval = builder.objectRef<PreviewView["intervals"][number]>("AlertInterval").implement({
    fields: (t) => ({
      what: t.exposeString("what"),
      from: t.expose("from", { type: "DateTime" }),
      to: t.expose("to", { type: "DateTime", nullable: true }),
    }),
  });
  const preview = builder.objectRef<PreviewView>("AlertRulePreview").implement({
    fields: (t) => ({
      from: t.expose("from", { type: "DateTime" }),
      to: t.expose("to", { type: "DateTime" }),
      fired: t.exposeInt("fired"),
      intervals: t.expose("intervals", { type: [interval] }),
      looked: t.exposeInt("looked"),
      isCut: t.exposeBoolean("isCut"),
    }),
  });
  builder.queryField("alertRulePreview", (t) =>
    t.field({
      type: preview,
      access: "alerts:read",
      cost: WORK.scan,
      description: "What a rule would have done in the past; the last week unless said",
      args: {
        rule: t.arg({ type: "JSON", required: true }),
        from: t.arg.string(),
        to: t.arg.string(),
      },
      resolve: (_root, args) => {
        const { rule, ...range } = acceptedInput(PreviewBody, args);
        return previewRule(verbs, rule, range);
      },
    }),
  );
}

function nodeOf(defined: Defined<DefinitionKind>): DefinitionNode {
  const { id, createdAt, updatedAt, updatedBy, ...definition } = definitionView(defined);
  return { id, name: definition.name, definition, createdAt, updatedAt, updatedBy };
}

/** A JSON value that is no object has nothing of what is asked for. */
const objectOf = (value: unknown): object => (typeof value === "object" && value !== null ? value : {});
