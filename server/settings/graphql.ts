import type { Static } from "@sinclair/typebox";
import { type GraphBuilder, type GraphFeature, pageOf } from "../http/graphql-types.ts";
import { acceptedInput } from "../security/accepted-input.ts";
import type { Edited } from "./configuration-editor.ts";
import * as model from "./model.ts";
import type { ImportMode, SkippedKey } from "./overrides.ts";
import type { Proposal } from "./proposals.ts";
import type { SettingsVerbs } from "./rest.ts";
import type { SettingView } from "./setting-view.ts";
import { revisionView, statusView } from "./views.ts";

/** The configuration as a graph: the verbs and limits of the REST routes. */
export const settingsGraph =
  (verbs: SettingsVerbs): GraphFeature =>
  (builder) => {
    const types = settingsTypes(builder);
    addQueries(builder, types, verbs);
    addMutations(builder, types, verbs);
  };

type SettingsTypes = ReturnType<typeof settingsTypes>;
type Rejection = model.ConfigStatus["rejections"][number];
type Problem = Rejection["problems"][number];
type Change = model.RevisionView["changes"][number];
type Remote = NonNullable<model.ConfigStatus["remote"]>;
type PreferencesView = Static<typeof model.PreferencesView>;

const settingsTypes = (builder: GraphBuilder) => ({
  config: configType(builder),
  ...answerTypes(builder, partTypes(builder)),
});

function configType(builder: GraphBuilder) {
  const origin = builder.objectRef<SettingView["origin"]>("SettingOrigin").implement({
    description: "Where a value comes from",
    fields: (t) => ({
      kind: t.exposeString("kind"),
      origin: t.exposeString("origin"),
      line: t.exposeInt("line", { nullable: true }),
      column: t.exposeInt("column", { nullable: true }),
      variable: t.exposeString("variable", { nullable: true }),
    }),
  });
  const setting = builder.objectRef<SettingView>("Setting").implement({
    description: "One setting with its value, origin and limits",
    fields: (t) => ({
      key: t.exposeString("key"),
      section: t.exposeString("section"),
      description: t.exposeString("description"),
      type: t.exposeString("type"),
      value: t.expose("value", { type: "JSON", nullable: true }),
      default: t.expose("default", { type: "JSON", nullable: true }),
      origin: t.field({ type: origin, resolve: (view) => view.origin }),
      overridden: t.exposeBoolean("overridden"),
      locked: t.exposeBoolean("locked"),
      restart: t.exposeBoolean("restart"),
      planned: t.exposeBoolean("planned", { description: "It takes effect with a later version" }),
      inForce: t.expose("inForce", { type: "JSON", nullable: true }),
      machineOnly: t.exposeBoolean("machineOnly"),
      secret: t.exposeBoolean("secret"),
      scope: t.exposeString("scope", { nullable: true }),
      schema: t.expose("schema", { type: "JSON", nullable: true }),
      waiting: t.exposeBoolean("waiting"),
      allowed: t.exposeString("allowed"),
      values: t.exposeStringList("values", { nullable: true }),
      environmentNames: t.exposeStringList("environmentNames"),
    }),
  });
  return builder.objectRef<Awaited<ReturnType<SettingsVerbs["editor"]["describe"]>>>("Config").implement({
    fields: (t) => ({
      revision: t.exposeInt("revision", { description: "Send it back as expectedRevision" }),
      items: t.field({ type: [setting], resolve: ({ items }) => items }),
    }),
  });
}

/** What several answers are made of. */
function partTypes(builder: GraphBuilder) {
  const change = builder.objectRef<Change>("SettingChange").implement({
    fields: (t) => ({
      key: t.exposeString("key"),
      before: t.expose("before", { type: "JSON", nullable: true }),
      after: t.expose("after", { type: "JSON", nullable: true }),
    }),
  });
  const skipped = builder.objectRef<SkippedKey>("SkippedSetting").implement({
    fields: (t) => ({ key: t.exposeString("key"), reason: t.exposeString("reason") }),
  });
  const problem = builder.objectRef<Problem>("ConfigProblem").implement({
    fields: (t) => ({
      path: t.exposeString("path"),
      message: t.exposeString("message"),
      origin: t.exposeString("origin"),
      line: t.exposeInt("line", { nullable: true }),
      column: t.exposeInt("column", { nullable: true }),
    }),
  });
  return { change, skipped, problem };
}

function answerTypes(builder: GraphBuilder, { change, skipped, problem }: ReturnType<typeof partTypes>) {
  const edited = builder.objectRef<Edited>("ConfigPayload").implement({
    fields: (t) => ({
      revision: t.exposeInt("revision"),
      changes: t.field({ type: [change], resolve: ({ changes }) => changes }),
      needsRestart: t.exposeStringList("needsRestart"),
      skipped: t.field({ type: [skipped], resolve: (answer) => answer.skipped }),
    }),
  });
  const proposal = builder.objectRef<Proposal>("ConfigProposal").implement({
    description: "What an edit would change",
    fields: (t) => ({
      changes: t.field({ type: [change], resolve: ({ changes }) => changes }),
      needsRestart: t.stringList({
        resolve: ({ changes }) => changes.filter(({ needsRestart }) => needsRestart).map(({ key }) => key),
      }),
      shadowed: t.field({ type: [skipped], resolve: ({ shadowed }) => shadowed }),
      problems: t.field({ type: [problem], resolve: ({ problems }) => problems }),
    }),
  });
  const revision = builder.objectRef<model.RevisionView>("ConfigRevision").implement({
    description: "One change of the configuration",
    fields: (t) => ({
      revision: t.exposeInt("revision"),
      at: t.expose("at", { type: "DateTime" }),
      actor: t.exposeString("actor"),
      action: t.exposeString("action"),
      note: t.exposeString("note"),
      correlationId: t.exposeString("correlationId"),
      changes: t.field({ type: [change], resolve: ({ changes }) => changes }),
    }),
  });
  const rejection = builder.objectRef<Rejection>("ConfigRejection").implement({
    description: "A change that was not taken",
    fields: (t) => ({
      source: t.exposeString("source"),
      at: t.expose("at", { type: "DateTime" }),
      message: t.exposeString("message"),
      problems: t.field({ type: [problem], resolve: ({ problems }) => problems }),
    }),
  });
  const remote = builder.objectRef<Remote>("ConfigRemote").implement({
    fields: (t) => ({
      url: t.exposeString("url"),
      etag: t.exposeString("etag", { nullable: true }),
      fetchedAt: t.expose("fetchedAt", { type: "DateTime", nullable: true }),
      askedAt: t.expose("askedAt", { type: "DateTime", nullable: true }),
      failure: t.exposeString("failure", { nullable: true }),
    }),
  });
  const status = builder.objectRef<model.ConfigStatus>("ConfigStatus").implement({
    fields: (t) => ({
      revision: t.exposeInt("revision"),
      changedAt: t.expose("changedAt", { type: "DateTime", nullable: true }),
      files: t.exposeStringList("files"),
      rejections: t.field({ type: [rejection], resolve: ({ rejections }) => rejections }),
      needsRestart: t.exposeStringList("needsRestart"),
      ignoredOverrides: t.field({ type: [problem], resolve: ({ ignoredOverrides }) => ignoredOverrides }),
      remote: t.field({ type: remote, nullable: true, resolve: (answer) => answer.remote }),
    }),
  });
  const preferences = builder.objectRef<PreferencesView>("Preferences").implement({
    description: "What a person has chosen for themselves",
    fields: (t) => ({
      theme: t.exposeString("theme"),
      timeZone: t.exposeString("timeZone"),
      units: t.exposeString("units"),
      startPage: t.exposeString("startPage"),
    }),
  });
  return { edited, proposal, revisionPage: pageOf(builder, "ConfigRevision", revision), status, preferences };
}

function addQueries(builder: GraphBuilder, types: SettingsTypes, verbs: SettingsVerbs): void {
  const { editor, proposals, preferences } = verbs;
  builder.queryFields((t) => ({
    config: t.field({ type: types.config, access: "config:read", resolve: () => editor.describe() }),
    configStatus: t.field({
      type: types.status,
      access: "config:read",
      resolve: async () => statusView(verbs, await editor.revision()),
    }),
    configHistory: t.field({
      type: types.revisionPage,
      access: "config:read",
      args: { limit: t.arg.int({ required: false }), cursor: t.arg.string({ required: false }) },
      resolve: async (_root, args) => {
        const { items, nextCursor } = await editor.listHistory(acceptedInput(model.Paging, args));
        return { items: items.map(revisionView), nextCursor };
      },
    }),
    configProposal: t.field({
      type: types.proposal,
      access: "config:read",
      args: { set: t.arg({ type: "JSON", required: false }), unset: t.arg.stringList({ required: false }) },
      resolve: (_root, args) => proposals.ofEdit(acceptedInput(model.ProposalBody, args)),
    }),
    preferences: t.field({
      type: types.preferences,
      access: "signed-in",
      resolve: (_root, _args, context) => preferences.get(context),
    }),
  }));
}

function addMutations(
  builder: GraphBuilder,
  types: SettingsTypes,
  { editor, preferences }: SettingsVerbs,
): void {
  builder.mutationFields((t) => {
    const terms = {
      expectedRevision: t.arg.int({ required: false }),
      note: t.arg.string({ required: false }),
    };
    return {
      updateConfig: t.field({
        type: types.edited,
        access: "config:write",
        args: {
          set: t.arg({ type: "JSON", required: false }),
          unset: t.arg.stringList({ required: false }),
          ...terms,
        },
        resolve: (_root, args, context) => {
          const { set, unset, ...rest } = acceptedInput(model.EditBody, args);
          return editor.change({ set, unset }, rest, context);
        },
      }),
      rollbackConfig: t.field({
        type: types.edited,
        access: "config:admin",
        args: { revision: t.arg.int({ required: true }), ...terms },
        resolve: (_root, args, context) => {
          const { revision, ...rest } = acceptedInput(model.RollbackBody, args);
          return editor.rollback(revision, rest, context);
        },
      }),
      importConfig: t.field({
        type: types.edited,
        access: "config:admin",
        args: {
          text: t.arg.string({ required: true }),
          mode: t.arg.string({ required: false, description: "merge unless said, or replace" }),
          ...terms,
        },
        resolve: (_root, args, context) => {
          const { text, mode = "merge", dryRun: _dryRun, ...rest } = acceptedInput(model.ImportBody, args);
          return editor.import(text, mode satisfies ImportMode, rest, context);
        },
      }),
      updatePreferences: t.field({
        type: types.preferences,
        access: "signed-in",
        args: {
          theme: t.arg.string({ required: false }),
          timeZone: t.arg.string({ required: false }),
          units: t.arg.string({ required: false }),
          startPage: t.arg.string({ required: false }),
        },
        resolve: (_root, args, context) =>
          preferences.change(acceptedInput(model.PreferencesBody, args), context),
      }),
    };
  });
}
