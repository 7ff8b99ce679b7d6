import type { ChannelBody } from "../../data/alerts-types.ts";
import { routeForm } from "./route-form.ts";
import {
  enabled,
  NOTHING_WRONG,
  name,
  type RoutingForm,
  type RoutingKind,
  withoutEmpty,
} from "./routing-fields.ts";
import { windowForm } from "./window-form.ts";

const TEMPLATE_NAMES =
  "{{severity}}, {{type}}, {{state}}, {{message}}, {{count}}, {{route}}, {{raisedAt}}, {{occurrences}}, {{id}}, {{labels.NAME}}";
const template = (title: string, fallback: string) => ({
  ...{ type: "string", title, maxLength: 2_000 },
  description: `${fallback} when empty. May name ${TEMPLATE_NAMES}`,
});

const channelForm: RoutingForm<"channel"> = {
  noun: "channel",
  schema: () => ({
    type: "object",
    required: ["name"],
    properties: {
      name,
      titleTemplate: template("Title of a message", "[{{severity}}] {{type}}: {{count}} {{state}}"),
      lineTemplate: template("Line for each alert", "{{severity}} {{state}}: {{message}}"),
      enabled,
    },
  }),
  blank: () => ({ name: "", enabled: true }),
  draftOf: ({ name: called, enabled: isOn, plugin, titleTemplate, lineTemplate }) => ({
    ...{ name: called, enabled: isOn, plugin, titleTemplate, lineTemplate },
  }),
  // The schema of the form is that of the body, field by field.
  bodyOf: (draft) => withoutEmpty({ enabled: true, ...draft }) as unknown as ChannelBody,
  judge: () => NOTHING_WRONG,
  fieldOf: (pointer) => pointer,
};

export const ROUTING_FORMS: { readonly [Kind in RoutingKind]: RoutingForm<Kind> } = {
  channel: channelForm,
  route: routeForm,
  window: windowForm,
};
