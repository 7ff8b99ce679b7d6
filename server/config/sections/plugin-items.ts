import { type TProperties, Type } from "@sinclair/typebox";

const closed = { additionalProperties: false };
const MAX_GRANTS = 50;
const MAX_ENTRIES = 200;
const Text = (title: string, description: string, maxLength = 1_024) =>
  Type.String({ title, description, minLength: 1, maxLength });
const OptionalText = (title: string, description: string) => Type.Optional(Text(title, description));

/** Grants as a manifest writes them; whoever grants them in a file owes nobody a reason. */
const Grants = <P extends TProperties>(title: string, properties: P) =>
  Type.Optional(
    Type.Array(Type.Object({ ...properties, why: OptionalText("Reason", "A note for people") }, closed), {
      title,
      maxItems: MAX_GRANTS,
    }),
  );

const Path = { path: Text("Path", "Absolute folder or file") };
const Name = { name: Text("Name", "Its name", 128) };

const GrantedPermissions = Type.Object(
  {
    net: Grants("Network", {
      host: Text("Host", "Exact host name or address", 255),
      port: Type.Optional(
        Type.Integer({ title: "Port", description: "443 when left out", minimum: 1, maximum: 65_535 }),
      ),
      private: Type.Optional(
        Type.Boolean({ title: "Private", description: "Whether it may lead to a private address" }),
      ),
    }),
    read: Grants("Read", Path),
    write: Grants("Write", Path),
    env: Grants("Environment", Name),
    run: Grants("Programs", {
      command: Text("Program", "Absolute path"),
      arguments: Type.Optional(
        Type.Array(Type.String({ maxLength: 1_024 }), { title: "Arguments", maxItems: 64 }),
      ),
    }),
    hooks: Grants("Events", { event: Text("Event", "Type or pattern", 128) }),
    secrets: Grants("Secrets", Name),
    middleware: Grants("Middleware", {}),
    browser: Grants("Browser", {
      hosts: Type.Array(Type.String({ minLength: 1, maxLength: 255 }), {
        title: "Hosts",
        maxItems: MAX_GRANTS,
      }),
    }),
    registry: Grants("Registry", {
      access: Type.Union(
        [Type.Literal("read"), Type.Literal("write"), Type.Literal("execute"), Type.Literal("admin")],
        { title: "Access" },
      ),
    }),
  },
  {
    ...closed,
    title: "Permissions",
    description: "At most these; without them, all that the digest's content asks for",
  },
);

const Entries = (title: string, description: string) =>
  Type.Optional(
    Type.Array(Type.Record(Type.String(), Type.Unknown()), { title, description, maxItems: MAX_ENTRIES }),
  );

/** One plugin, as the settings hold it. */
export const PluginItemSchema = Type.Object(
  {
    id: Type.String({
      title: "Id",
      pattern: "^[a-z0-9][a-z0-9_-]{0,63}$",
      description: "Id of the plugin",
    }),
    enabled: Type.Optional(
      Type.Boolean({
        title: "Enabled",
        description: "Whether it is to run; locks the switch in the dashboard",
      }),
    ),
    path: OptionalText(
      "Path",
      "Absolute path of its folder or file, when it lies elsewhere than in the plugins folder",
    ),
    config: Type.Optional(
      Type.Record(Type.String(), Type.Unknown(), {
        title: "Configuration",
        description:
          "Values of its configuration; they lock the fields in the dashboard, and may be references",
        writeOnly: true,
      }),
    ),
    auto_register: Type.Optional(
      Type.Object(
        {
          queries: Type.Optional(Type.Boolean({ title: "Queries" })),
          datasources: Type.Optional(Type.Boolean({ title: "Datasources" })),
        },
        {
          ...closed,
          title: "Register",
          description:
            "Whether what its manifest brings is registered when it starts (takes effect with a later version)",
        },
      ),
    ),
    queries: Entries(
      "Queries",
      "Queries that it registers beside those of its manifest (takes effect with a later version)",
    ),
    approve: Type.Optional(
      Type.Object(
        {
          digest: Type.Optional(
            Type.String({
              title: "Digest",
              pattern: "^[0-9a-f]{64}$",
              description:
                "Exactly this content; without it any content that asks for no more than the permissions",
            }),
          ),
          permissions: Type.Optional(GrantedPermissions),
        },
        {
          ...closed,
          title: "Approval",
          description: "For servers that nobody sits at: what it may do without a person's approval",
        },
      ),
    ),
  },
  closed,
);

/** A key whose signatures of plugins count. */
export const TrustedKeySchema = Type.Object(
  {
    name: Text("Name", "Whose key it is", 100),
    publicKey: Type.String({
      title: "Public key",
      pattern: "^[A-Za-z0-9+/]{43}=$",
      description: "Ed25519 public key, 32 bytes in base64",
    }),
  },
  closed,
);
