import { guard, routes } from "../../http/guard.ts";
import type { AlertVerbs } from "../edge.ts";
import * as model from "../model.ts";
import { notificationView } from "../views.ts";

const tags = ["alerts"];

/** Messages to channels, those that were given up, and channels that are paused or switched off. */
export const notificationRoutes = (verbs: AlertVerbs) => messageRoutes(verbs).use(pauseRoutes(verbs));

const messageRoutes = ({ notifications }: AlertVerbs) =>
  routes("notifications")
    .get(
      "/api/v3/notifications",
      async ({ query: { limit, cursor, ...filter } }) => {
        const { items, nextCursor } = await notifications.list({ limit, cursor }, filter);
        return { items: items.map(notificationView), nextCursor };
      },
      guard("alerts:read", {
        summary: "Messages to channels, the latest first",
        query: model.NotificationsQuery,
        response: model.NotificationPage,
        tags,
      }),
    )
    .post(
      "/api/v3/notifications/:id/attempts",
      ({ params: { id }, exchange }) => notifications.retry(id, exchange),
      guard("alerts:write", { summary: "Try a message anew that was given up", params: model.ById, tags }),
    )
    .delete(
      "/api/v3/notifications/:id",
      ({ params: { id }, exchange }) => notifications.discard(id, exchange),
      guard("alerts:write", { summary: "Forget a message that was given up", params: model.ById, tags }),
    );

const pauseRoutes = ({ notifications }: AlertVerbs) =>
  routes("notification-pauses")
    .get(
      "/api/v3/notification-channels/status",
      () => ({ items: notifications.listStatuses(), nextCursor: null }),
      guard("alerts:read", {
        summary: "How delivery to each channel fares",
        response: model.ChannelStatusList,
        tags,
      }),
    )
    .put(
      "/api/v3/notification-channels/:id/pause",
      ({ params: { id }, exchange }) => notifications.pause(id, exchange),
      guard("alerts:write", { summary: "Send nothing by a channel for now", params: model.ById, tags }),
    )
    .delete(
      "/api/v3/notification-channels/:id/pause",
      ({ params: { id }, exchange }) => notifications.resume(id, exchange),
      guard("alerts:write", {
        summary: "Let a channel go on that was paused or switched off",
        params: model.ById,
        tags,
      }),
    );
