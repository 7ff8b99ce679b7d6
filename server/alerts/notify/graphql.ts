import { type GraphBuilder, pageOf } from "../../http/graphql-types.ts";
import { acceptedInput } from "../../security/accepted-input.ts";
import { type AlertVerbs, testChannel } from "../edge.ts";
import * as model from "../model.ts";
import { notificationView } from "../views.ts";

/** Messages to channels as a graph: the verbs and limits of the REST routes. */
export function addNotifications(builder: GraphBuilder, verbs: AlertVerbs): void {
  addReading(builder, verbs);
  addDeadLetters(builder, verbs);
  addChannelVerbs(builder, verbs);
}

function addReading(builder: GraphBuilder, { notifications }: AlertVerbs): void {
  const notification = builder.objectRef<model.NotificationView>("Notification").implement({
    description: "A message on its way to a channel, or given up",
    fields: (t) => ({
      id: t.exposeString("id"),
      channelId: t.exposeString("channelId"),
      channelName: t.exposeString("channelName", { nullable: true }),
      state: t.exposeString("state"),
      reason: t.exposeString("reason"),
      title: t.exposeString("title"),
      severity: t.exposeString("severity"),
      alertState: t.exposeString("alertState"),
      count: t.exposeInt("count"),
      attempts: t.exposeInt("attempts"),
      createdAt: t.expose("createdAt", { type: "DateTime" }),
      nextAttemptAt: t.expose("nextAttemptAt", { type: "DateTime", nullable: true }),
      settledAt: t.expose("settledAt", { type: "DateTime", nullable: true }),
      lastError: t.exposeString("lastError", { nullable: true }),
    }),
  });
  const page = pageOf(builder, "Notification", notification);
  builder.queryField("notifications", (t) =>
    t.field({
      type: page,
      access: "alerts:read",
      description: "Messages to channels, the latest first",
      args: {
        limit: t.arg.int({ defaultValue: model.DEFAULT_PAGE }),
        cursor: t.arg.string(),
        state: t.arg.string(),
        channelId: t.arg.string(),
      },
      resolve: async (_root, args) => {
        const { limit, cursor, ...filter } = acceptedInput(model.NotificationsQuery, args);
        const { items, nextCursor } = await notifications.list({ limit, cursor }, filter);
        return { items: items.map(notificationView), nextCursor };
      },
    }),
  );
  const status = builder.objectRef<model.ChannelStatusView>("NotificationChannelStatus").implement({
    fields: (t) => ({
      channelId: t.exposeString("channelId"),
      state: t.exposeString("state"),
      waiting: t.exposeInt("waiting"),
      failures: t.exposeInt("failures"),
    }),
  });
  builder.queryField("notificationChannelStatuses", (t) =>
    t.field({ type: [status], access: "alerts:read", resolve: () => notifications.listStatuses() }),
  );
}

function addDeadLetters(builder: GraphBuilder, { notifications }: AlertVerbs): void {
  const verbs = {
    retryNotification: ["Tries a message anew that was given up", notifications.retry.bind(notifications)],
    discardNotification: ["Forgets a message that was given up", notifications.discard.bind(notifications)],
    pauseNotificationChannel: ["Sends nothing by a channel for now", notifications.pause.bind(notifications)],
    resumeNotificationChannel: [
      "Lets a channel go on that was paused or switched off",
      notifications.resume.bind(notifications),
    ],
  } as const;
  for (const [name, [description, act]] of Object.entries(verbs)) {
    builder.mutationField(name, (t) =>
      t.boolean({
        access: "alerts:write",
        description,
        args: { id: t.arg.string({ required: true }) },
        resolve: async (_root, { id }, context) => {
          await act(id, context);
          return true;
        },
      }),
    );
  }
}

function addChannelVerbs(builder: GraphBuilder, verbs: AlertVerbs): void {
  const tested = builder.objectRef<model.TestView>("NotificationTest").implement({
    fields: (t) => ({
      success: t.exposeBoolean("success"),
      id: t.exposeString("id"),
      answer: t.exposeString("answer", { description: "What the service answered" }),
    }),
  });
  builder.mutationField("testNotificationChannel", (t) =>
    t.field({
      type: tested,
      access: "alerts:write",
      description: "Sends a test by a channel",
      args: { id: t.arg.string({ required: true }) },
      resolve: (_root, { id }, context) => testChannel(verbs, id, context),
    }),
  );
}
