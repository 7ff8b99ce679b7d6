import { html } from "lit";
import type { Parts } from "../../compose.ts";
import type { Route } from "../router.ts";
import { withoutEmpty } from "./without-empty.ts";

/** Pages of what runs here. */
export const RUN_ROUTES: readonly Route<Parts>[] = [
  {
    path: "/plugins",
    title: "Plugins",
    audience: "member",
    load: () => import("../../pages/plugins/bn-plugins-page.ts"),
    render: ({ plugins, pluginWatch, live, metrics, session, toasts, router }, { query }) =>
      html`<bn-plugins-page
        .plugins=${plugins}
        .watch=${pluginWatch}
        .live=${live}
        .metrics=${metrics}
        .session=${session}
        .toasts=${toasts}
        .query=${query}
        @filter=${(event: CustomEvent<Record<string, string>>) => router.setQuery(withoutEmpty({ ...event.detail }))}
      ></bn-plugins-page>`,
  },
  {
    path: "/plugins/:id",
    title: "Plugin",
    audience: "member",
    hasTime: true,
    load: () => import("../../pages/plugins/bn-plugin-page.ts"),
    render: (
      { plugins, pluginWatch, pluginLog, live, metrics, time, session, toasts, router },
      { params, query },
    ) =>
      html`<bn-plugin-page
        .plugins=${plugins}
        .watch=${pluginWatch}
        .log=${pluginLog}
        .live=${live}
        .metrics=${metrics}
        .time=${time}
        .session=${session}
        .toasts=${toasts}
        .pluginId=${params.id ?? ""}
        tab=${query.get("tab") ?? "overview"}
        @removed=${() => router.navigate("/plugins")}
      ></bn-plugin-page>`,
  },
];
