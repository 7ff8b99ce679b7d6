import type { GraphBuilder, GraphFeature } from "../../http/graphql-types.ts";
import { acceptedInput } from "../accepted-input.ts";
import * as model from "../model.ts";
import { roleView } from "../views.ts";
import type { Roles } from "./roles.ts";

/** Roles as a graph: the verbs and limits of the REST routes. */
export const roleGraph =
  (roles: Roles): GraphFeature =>
  (builder) => {
    const role = roleType(builder);
    builder.queryFields((t) => ({
      roles: t.field({
        type: [role],
        access: "signed-in",
        resolve: async () => (await roles.list()).map(roleView),
      }),
      role: t.field({
        type: role,
        access: "signed-in",
        args: { name: t.arg.string({ required: true }) },
        resolve: async (_root, { name }) => roleView(await roles.get(name)),
      }),
    }));
    builder.mutationFields((t) => ({
      createRole: t.field({
        type: role,
        access: "users:admin",
        args: {
          name: t.arg.string({ required: true }),
          description: t.arg.string({ required: true }),
          scopes: t.arg.stringList({ required: true }),
        },
        resolve: async (_root, args, context) =>
          roleView(await roles.create(acceptedInput(model.NewRoleBody, args), context)),
      }),
      updateRole: t.field({
        type: role,
        access: "users:admin",
        args: {
          name: t.arg.string({ required: true }),
          description: t.arg.string({ required: false }),
          scopes: t.arg.stringList({ required: false }),
        },
        resolve: async (_root, { name, ...changes }, context) =>
          roleView(await roles.update(name, acceptedInput(model.RoleChangesBody, changes), context)),
      }),
      removeRole: t.boolean({
        access: "users:admin",
        args: { name: t.arg.string({ required: true }) },
        resolve: async (_root, { name }, context) => {
          await roles.remove(name, context);
          return true;
        },
      }),
    }));
  };

const roleType = (builder: GraphBuilder) =>
  builder.objectRef<model.RoleView>("Role").implement({
    description: "A named set of scopes",
    fields: (t) => ({
      name: t.exposeString("name"),
      scopes: t.exposeStringList("scopes"),
      description: t.exposeString("description"),
      builtIn: t.exposeBoolean("builtIn", { description: "It ships with Binnacle and cannot be changed" }),
    }),
  });
