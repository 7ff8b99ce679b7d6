import { guard, routes } from "../http/guard.ts";
import type { Caller } from "../security/caller.ts";
import type { RotatedKey } from "./keys.ts";
import * as model from "./model.ts";
import type { Secrets } from "./service.ts";
import { keysView, secretView } from "./views.ts";

const CREATED = 201;
const OK = 200;

/** Secrets by name, and the keys that protect them. No route gives a value. */
export const secretRoutes = (secrets: Secrets) =>
  routes("secrets")
    .get(
      "/api/v3/secrets",
      async ({ query }) => {
        const { items, nextCursor } = await secrets.list(query);
        return { items: items.map(secretView), nextCursor };
      },
      guard("secrets:read", {
        summary: "List secrets; values are never shown",
        query: model.Paging,
        response: model.SecretPage,
      }),
    )
    .get(
      "/api/v3/secrets/:name",
      async ({ params }) => secretView(await secrets.get(params.name)),
      guard("secrets:read", {
        summary: "Show a secret without its value",
        params: model.ByName,
        response: model.SecretView,
      }),
    )
    .put(
      "/api/v3/secrets/:name",
      async ({ params, body, exchange, set }) => {
        const { secret, isNew } = await secrets.set(params.name, body, exchange);
        set.status = isNew ? CREATED : OK;
        return secretView(secret);
      },
      guard("secrets:write", {
        summary: "Store a secret, or give it a new value",
        params: model.ByName,
        body: model.SecretBody,
        response: { 200: model.SecretView, 201: model.SecretView },
      }),
    )
    .delete(
      "/api/v3/secrets/:name",
      ({ params, exchange }) => secrets.remove(params.name, exchange),
      guard("secrets:write", { summary: "Remove a secret", params: model.ByName }),
    )
    .get(
      "/api/v3/secret-keys",
      async () => keysView(await secrets.keys.state()),
      guard("secrets:read", { summary: "How the keys stand", response: model.KeysView }),
    )
    .post(
      "/api/v3/secret-keys/rotations",
      ({ body, exchange }) => rotate(secrets, body.key, exchange),
      guard("secrets:admin", {
        summary: "Replace the data key or the master key",
        body: model.RotationBody,
        response: model.RotationView,
      }),
    )
    .post(
      "/api/v3/secret-keys/recovery-key",
      async ({ exchange, set }) => {
        const { text } = await secrets.keys.createRecovery(exchange);
        set.status = CREATED;
        return { recoveryKey: text };
      },
      guard("secrets:admin", {
        summary: "Make a recovery key in place of the one before; it is shown once",
        response: { 201: model.RecoveryKeyView },
      }),
    )
    .put(
      "/api/v3/secret-keys/recovery-key/confirmation",
      ({ body, exchange }) => secrets.keys.confirmRecovery(body.ending, exchange),
      guard("secrets:admin", {
        summary: "Confirm that the recovery key is kept safely",
        body: model.ConfirmationBody,
      }),
    );

/** Replaces a key and tells how the keys stand afterwards. @throws AppError `key_in_environment` */
export async function rotate(secrets: Secrets, key: RotatedKey, caller: Caller): Promise<model.RotationView> {
  const sealedAnew = key === "data" ? await secrets.keys.rotateData(caller) : 0;
  if (key === "master") await secrets.keys.rotateMaster(caller);
  return { key, secrets: sealedAnew, keys: keysView(await secrets.keys.state()) };
}
