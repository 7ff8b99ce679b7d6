import { type GraphBuilder, type GraphFeature, pageOf } from "../http/graphql-types.ts";
import { acceptedInput } from "../security/accepted-input.ts";
import * as model from "./model.ts";
import { rotate } from "./rest.ts";
import type { Secrets } from "./service.ts";
import { keysView, secretView } from "./views.ts";

type SecretTypes = ReturnType<typeof secretTypes>;

/** Secrets and their keys as a graph: the verbs and limits of the REST routes. */
export const secretGraph =
  (secrets: Secrets): GraphFeature =>
  (builder) => {
    const types = secretTypes(builder);
    builder.queryFields((t) => ({
      secrets: t.field({
        type: types.page,
        access: "secrets:read",
        args: { limit: t.arg.int({ required: false }), cursor: t.arg.string({ required: false }) },
        resolve: async (_root, args) => {
          const { items, nextCursor } = await secrets.list(acceptedInput(model.Paging, args));
          return { items: items.map(secretView), nextCursor };
        },
      }),
      secret: t.field({
        type: types.secret,
        access: "secrets:read",
        args: { name: t.arg.string({ required: true }) },
        resolve: async (_root, args) => secretView(await secrets.get(acceptedInput(model.ByName, args).name)),
      }),
      secretKeys: t.field({
        type: types.keys,
        access: "secrets:read",
        resolve: async () => keysView(await secrets.keys.state()),
      }),
    }));
    addMutations(builder, types, secrets);
  };

function secretTypes(builder: GraphBuilder) {
  const use = builder.objectRef<model.SecretView["usedBy"][number]>("SecretUse").implement({
    fields: (t) => ({
      purpose: t.exposeString("purpose"),
      count: t.expose("count", { type: "Long" }),
      lastUsedAt: t.expose("lastUsedAt", { type: "DateTime" }),
    }),
  });
  const secret = builder.objectRef<model.SecretView>("Secret").implement({
    description: "A secret without its value, which nothing gives out",
    fields: (t) => ({
      name: t.exposeString("name"),
      description: t.exposeString("description"),
      version: t.exposeInt("version"),
      createdAt: t.expose("createdAt", { type: "DateTime" }),
      changedAt: t.expose("changedAt", { type: "DateTime" }),
      changedBy: t.exposeString("changedBy"),
      lastUsedAt: t.expose("lastUsedAt", { type: "DateTime", nullable: true }),
      uses: t.expose("uses", { type: "Long" }),
      usedBy: t.field({ type: [use], resolve: (view) => view.usedBy }),
    }),
  });
  const key = builder.enumType("RotatedKey", { values: ["data", "master"] as const });
  const rotation = builder.objectRef<NonNullable<model.KeysView["rotation"]>>("KeyRotation").implement({
    description: "A rotation under way",
    fields: (t) => ({
      key: t.expose("key", { type: key }),
      done: t.exposeInt("done"),
      total: t.exposeInt("total"),
    }),
  });
  const keys = builder.objectRef<model.KeysView>("SecretKeys").implement({
    description: "How the keys that protect secrets stand",
    fields: (t) => ({
      master: t.exposeString("master", { description: "Where the master key is: file or environment" }),
      dataKeyVersion: t.exposeInt("dataKeyVersion"),
      dataKeyCreatedAt: t.expose("dataKeyCreatedAt", { type: "DateTime" }),
      secretsUnderOldKeys: t.exposeInt("secretsUnderOldKeys"),
      recoveryKeyCreatedAt: t.expose("recoveryKeyCreatedAt", { type: "DateTime", nullable: true }),
      recoveryKeyConfirmedAt: t.expose("recoveryKeyConfirmedAt", { type: "DateTime", nullable: true }),
      rotation: t.field({ type: rotation, nullable: true, resolve: (view) => view.rotation }),
    }),
  });
  const rotated = builder.objectRef<model.RotationView>("RotateSecretKeyPayload").implement({
    fields: (t) => ({
      key: t.expose("key", { type: key }),
      secrets: t.exposeInt("secrets", { description: "Secrets encrypted anew" }),
      keys: t.field({ type: keys, resolve: (view) => view.keys }),
    }),
  });
  return { secret, key, keys, rotated, page: pageOf(builder, "Secret", secret) };
}

function addMutations(builder: GraphBuilder, types: SecretTypes, secrets: Secrets): void {
  builder.mutationFields((t) => ({
    setSecret: t.field({
      type: types.secret,
      access: "secrets:write",
      args: {
        name: t.arg.string({ required: true }),
        value: t.arg.string({ required: true }),
        description: t.arg.string({ required: false, description: "Absent: as it was" }),
      },
      resolve: async (_root, { name, ...body }, context) => {
        const input = acceptedInput(model.SecretBody, body);
        return secretView((await secrets.set(name, input, context)).secret);
      },
    }),
    removeSecret: t.boolean({
      access: "secrets:write",
      args: { name: t.arg.string({ required: true }) },
      resolve: async (_root, { name }, context) => {
        await secrets.remove(name, context);
        return true;
      },
    }),
    rotateSecretKey: t.field({
      type: types.rotated,
      access: "secrets:admin",
      args: { key: t.arg({ type: types.key, required: true }) },
      resolve: (_root, { key }, context) => rotate(secrets, key, context),
    }),
    createRecoveryKey: t.string({
      description: "Makes a recovery key in place of the one before; it is shown once",
      access: "secrets:admin",
      resolve: async (_root, _args, context) => (await secrets.keys.createRecovery(context)).text,
    }),
    confirmRecoveryKey: t.boolean({
      access: "secrets:admin",
      args: { ending: t.arg.string({ required: true, description: "Its last four characters" }) },
      resolve: async (_root, args, context) => {
        await secrets.keys.confirmRecovery(acceptedInput(model.ConfirmationBody, args).ending, context);
        return true;
      },
    }),
  }));
}
