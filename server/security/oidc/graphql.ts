import type { GraphFeature } from "../../http/graphql-types.ts";
import type * as model from "../model.ts";
import { identityView } from "../views.ts";
import type { Identities } from "./identities.ts";

/** Linked accounts as a graph. Signing in itself is redirects of a browser: see the REST routes. */
export const identityGraph =
  (identities: Identities): GraphFeature =>
  (builder) => {
    const identity = builder.objectRef<model.IdentityView>("Identity").implement({
      description: "An account at a provider by which a user signs in",
      fields: (t) => ({
        id: t.exposeID("id"),
        userId: t.exposeID("userId"),
        provider: t.exposeString("provider"),
        email: t.exposeString("email", { nullable: true }),
        createdAt: t.expose("createdAt", { type: "DateTime" }),
        lastUsedAt: t.expose("lastUsedAt", { type: "DateTime", nullable: true }),
      }),
    });
    builder.queryField("identities", (t) =>
      t.field({
        type: [identity],
        access: "signed-in",
        args: { userId: t.arg.id({ required: false, description: "Absent: one's own" }) },
        resolve: async (_root, { userId }, context) =>
          (await identities.list(userId ?? undefined, context)).map(identityView),
      }),
    );
    builder.mutationField("removeIdentity", (t) =>
      t.boolean({
        access: "signed-in",
        args: { id: t.arg.id({ required: true }) },
        resolve: async (_root, { id }, context) => {
          await identities.remove(id, context);
          return true;
        },
      }),
    );
  };
