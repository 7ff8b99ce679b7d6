import { t } from "elysia";
import { settingsJsonSchema } from "../config/json-schema.ts";
import { guard, routes } from "../http/guard.ts";
import { IntegerParameter } from "../lib/integer-parameter.ts";
import type { ConfigurationEditor } from "./configuration-editor.ts";
import { exportedSettings, exportText } from "./interchange.ts";
import * as model from "./model.ts";
import type { Proposals } from "./proposals.ts";
import type { UserPreferences } from "./user-preferences.ts";
import { revisionView, type StatusParts, statusView } from "./views.ts";

/** What the routes of the configuration call. */
export interface SettingsVerbs extends StatusParts {
  editor: ConfigurationEditor;
  proposals: Proposals;
  preferences: UserPreferences;
}

const CONTENT_TYPES = { yaml: "application/yaml", json: "application/json" } as const;
const ByRevision = t.Object({ revision: IntegerParameter({ minimum: 1 }) });

/** Settings in force, their history, and what is proposed for them. */
export const configRoutes = (verbs: SettingsVerbs) => readingRoutes(verbs).use(changingRoutes(verbs));

const readingRoutes = (verbs: SettingsVerbs) =>
  routes("config")
    .get(
      "/api/v3/config",
      () => verbs.editor.describe(),
      guard("config:read", {
        summary: "Every setting with its value, origin and limits",
        response: model.ConfigView,
      }),
    )
    .get(
      "/api/v3/config/status",
      async () => statusView(verbs, await verbs.editor.revision()),
      guard("config:read", {
        summary: "Refused changes, waiting restarts, files and remote source",
        response: model.ConfigStatus,
      }),
    )
    .get(
      "/api/v3/config/schema",
      settingsJsonSchema,
      guard("config:read", {
        summary: "JSON Schema of the configuration file, for editors",
        response: t.Record(t.String(), t.Unknown()),
      }),
    )
    .get(
      "/api/v3/config/history",
      async ({ query }) => {
        const { items, nextCursor } = await verbs.editor.listHistory(query);
        return { items: items.map(revisionView), nextCursor };
      },
      guard("config:read", {
        summary: "Who changed what, newest first",
        query: model.Paging,
        response: model.RevisionPage,
      }),
    )
    .get(
      "/api/v3/config/history/:revision",
      async ({ params }) => revisionView(await verbs.editor.getRevision(params.revision)),
      guard("config:read", {
        summary: "Show one change",
        params: ByRevision,
        response: model.RevisionView,
      }),
    )
    .get(
      "/api/v3/config/export",
      async ({ query: { content = "effective", format = "yaml" } }) => {
        const settings = exportedSettings(verbs.configuration, await verbs.editor.overrides(), content);
        return new Response(exportText(settings, format), {
          headers: {
            "content-type": `${CONTENT_TYPES[format]}; charset=utf-8`,
            "content-disposition": `attachment; filename="binnacle.${format}"`,
          },
        });
      },
      guard("config:read", {
        summary: "The settings as a configuration file, without secrets",
        query: model.ExportQuery,
        response: t.String(),
      }),
    );

const changingRoutes = ({ editor, proposals }: SettingsVerbs) =>
  routes("config-changes")
    .patch(
      "/api/v3/config",
      ({ body: { set, unset, ...terms }, exchange }) => editor.change({ set, unset }, terms, exchange),
      guard("config:write", {
        summary: "Set and take back run-time overrides, all or none",
        tags: ["config"],
        body: model.EditBody,
        response: model.Edited,
      }),
    )
    .post(
      "/api/v3/config/diff",
      async ({ body: { set, unset, text, name = "binnacle.yaml" } }) =>
        text === undefined ? proposals.ofEdit({ set, unset }) : proposals.ofFile(text, name),
      guard("config:read", {
        summary: "What an edit, or a configuration file, would change",
        tags: ["config"],
        body: model.ProposalBody,
        response: model.Proposal,
      }),
    )
    .post(
      "/api/v3/config/validation",
      ({ body: { text, name = "binnacle.yaml" } }) => {
        const problems = proposals.validate(text, name);
        return { valid: problems.length === 0, problems };
      },
      guard("config:read", {
        summary: "What is wrong with a configuration file",
        tags: ["config"],
        body: model.ValidationBody,
        response: model.Validation,
      }),
    )
    .post(
      "/api/v3/config/rollback",
      ({ body: { revision, ...terms }, exchange }) => editor.rollback(revision, terms, exchange),
      guard("config:admin", {
        summary: "Put the overrides back as they were after a revision",
        tags: ["config"],
        body: model.RollbackBody,
        response: model.Edited,
      }),
    )
    .post(
      "/api/v3/config/import",
      async ({ body: { text, mode = "merge", dryRun = false, ...terms }, exchange }) =>
        dryRun ? proposals.ofImport(text, mode) : editor.import(text, mode, terms, exchange),
      guard("config:admin", {
        summary: "Take the settings of a file as overrides, or say what that would change",
        tags: ["config"],
        body: model.ImportBody,
        response: model.ImportAnswer,
      }),
    );

/** What the person who asks has chosen for themselves. */
export const preferenceRoutes = ({ preferences }: SettingsVerbs) =>
  routes("preferences")
    .get(
      "/api/v3/preferences",
      ({ exchange }) => preferences.get(exchange),
      guard("signed-in", { summary: "One's own preferences", response: model.PreferencesView }),
    )
    .patch(
      "/api/v3/preferences",
      ({ body, exchange }) => preferences.change(body, exchange),
      guard("signed-in", {
        summary: "Change some of one's own preferences",
        body: model.PreferencesBody,
        response: model.PreferencesView,
      }),
    );
