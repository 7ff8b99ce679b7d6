import { beforeEach, describe, expect, test } from "bun:test";
import type { SchemaFormChange } from "../../../web/components/bn-schema-form.ts";
import { mount, openDom } from "../../support/dom.ts";

openDom();
const { BnSchemaForm } = await import("../../../web/components/bn-schema-form.ts");

const SCHEMA = {
  type: "object",
  required: ["endpoint"],
  properties: {
    endpoint: { type: "string", format: "uri", title: "Endpoint" },
    seconds: { type: "integer", minimum: 5, default: 60, title: "Interval" },
    mode: { enum: ["quick", "thorough"], title: "Mode" },
    isLoud: { type: "boolean", title: "Loud" },
    token: { type: "string", writeOnly: true, title: "Token" },
    hosts: { type: "array", items: { type: "string", minLength: 1 }, title: "Hosts" },
    tell: { type: "array", uniqueItems: true, items: { enum: ["mail", "chat"] }, title: "Tell" },
    mail: { type: "object", title: "Mail", properties: { port: { type: "integer", title: "Port" } } },
    labels: { type: "object", additionalProperties: { type: "string" }, title: "Labels" },
  },
};
const VALUES = {
  endpoint: "https://a.example/",
  seconds: 30,
  hosts: ["one"],
  tell: ["mail"],
  mail: { port: 25 },
};

type Form = InstanceType<typeof BnSchemaForm>;
let form: Form;
let last: SchemaFormChange | undefined;

beforeEach(async () => {
  document.body.replaceChildren();
  form = new BnSchemaForm();
  form.schema = SCHEMA;
  form.values = VALUES;
  last = undefined;
  form.addEventListener("change", (event) => {
    if (event instanceof CustomEvent) last = event.detail;
  });
  await mount(form);
});

const control = (pointer: string): HTMLInputElement => {
  const found = form.shadowRoot?.getElementById(pointer);
  if (!(found instanceof HTMLElement)) throw new Error(`There is no field ${pointer}.`);
  return found as HTMLInputElement;
};
const type = async (pointer: string, text: string): Promise<void> => {
  const input = control(pointer);
  input.value = text;
  input.dispatchEvent(new Event("input"));
  await form.updateComplete;
};
const errorOf = (pointer: string): string | undefined => {
  const field = control(pointer).closest("bn-field");
  return field === null ? undefined : Reflect.get(field, "error");
};
const buttons = (label: RegExp): HTMLButtonElement[] =>
  [...(form.shadowRoot?.querySelectorAll("button") ?? [])].filter((button) =>
    label.test(button.getAttribute("aria-label") ?? button.textContent ?? ""),
  );

describe("a form made of a schema", () => {
  test("shows what is set, and hands out values of their types", async () => {
    expect(control("/endpoint").value).toBe("https://a.example/");
    expect(control("/mail/port").value).toBe("25");
    await type("/seconds", "45");
    expect(last?.values.seconds).toBe(45);
    await type("/seconds", "");
    expect(last?.values).not.toHaveProperty("seconds");
    const box = control("/isLoud");
    box.checked = true;
    box.dispatchEvent(new Event("change"));
    expect(last?.values.isLoud).toBe(true);
    await type("/mail/port", "587");
    expect(last?.values.mail).toEqual({ port: 587 });
    expect(VALUES.mail).toEqual({ port: 25 });
  });

  test("tells what is wrong with a field as one types, with others only when asked to", async () => {
    await type("/seconds", "3");
    expect(errorOf("/seconds")).toBe("must be at least 5");
    expect(last?.problems.get("/seconds")).toBe("must be at least 5");
    await type("/seconds", "half");
    expect(errorOf("/seconds")).toBe("must be a whole number");
    await type("/seconds", "5");
    expect(errorOf("/seconds")).toBeUndefined();
    form.values = {};
    await form.updateComplete;
    expect(errorOf("/endpoint")).toBeUndefined();
    await form.reveal();
    expect(errorOf("/endpoint")).toBe("is needed");
    expect(form.shadowRoot?.activeElement?.id).toBe("/endpoint");
  });

  test("what the server refused stands at its field until that is changed", async () => {
    form.refusals = new Map([["/endpoint", "cannot be reached"]]);
    await form.updateComplete;
    expect(errorOf("/endpoint")).toBe("cannot be reached");
    await type("/endpoint", "https://b.example/");
    expect(errorOf("/endpoint")).toBeUndefined();
  });

  test("a choice that is not set says so, and is set by its place in the list", async () => {
    const select = control("/mode");
    select.value = "1";
    select.dispatchEvent(new Event("change"));
    await form.updateComplete;
    expect(last?.values.mode).toBe("thorough");
  });

  test("lists grow and shrink; boxes keep the schema's order", async () => {
    buttons(/Add an entry/)[0]?.click();
    await form.updateComplete;
    expect(last?.values.hosts).toEqual(["one", ""]);
    expect(last?.problems.get("/hosts/1")).toBe("must not be empty");
    await type("/hosts/1", "two");
    buttons(/Remove entry 1 of Hosts/)[0]?.click();
    await form.updateComplete;
    expect(last?.values.hosts).toEqual(["two"]);
    const boxes = [...(form.shadowRoot?.querySelectorAll<HTMLInputElement>(".choices input") ?? [])];
    boxes[1]?.dispatchEvent(new Event("change"));
    expect(last?.values.tell).toEqual(["mail", "chat"]);
  });

  test("JSON that is not whole yet is kept as it was typed and told", async () => {
    await type("/labels", '{"team": ');
    expect(last?.problems.get("/labels")).toBe("is not JSON yet");
    expect(control("/labels").value).toBe('{"team": ');
    await type("/labels", '{"team":"web"}');
    expect(last?.values.labels).toEqual({ team: "web" });
    expect(last?.problems.size).toBe(0);
  });
});

describe("write-only fields", () => {
  beforeEach(async () => {
    form.kept = new Set(["/token"]);
    await form.updateComplete;
  });

  test("show nothing of what is stored; typing replaces it, leaving it out keeps it", async () => {
    const input = control("/token");
    expect([input.type, input.value]).toEqual(["password", ""]);
    await type("/token", "new");
    expect(last?.values.token).toBe("new");
    await type("/token", "");
    expect(last?.values).not.toHaveProperty("token");
  });

  test("are removed by a word of their own, which can be taken back", async () => {
    buttons(/Remove it/)[0]?.click();
    await form.updateComplete;
    expect(last?.values.token).toBeNull();
    expect(last?.problems.has("/token")).toBe(false);
    buttons(/Keep it/)[0]?.click();
    expect(last?.values).not.toHaveProperty("token");
  });
});

test("what the server's configuration holds cannot be changed, and says who holds it", async () => {
  form.locks = new Map([["/mail", "binnacle.yaml"]]);
  await form.updateComplete;
  expect(control("/mail/port").disabled).toBe(true);
  expect(control("/endpoint").disabled).toBe(false);
  expect(form.shadowRoot?.textContent).toContain("Set by binnacle.yaml");
});

test("Enter in a field asks to save", () => {
  let confirmed = 0;
  form.addEventListener("confirm", () => {
    confirmed++;
  });
  form.shadowRoot?.querySelector("form")?.dispatchEvent(new Event("submit", { cancelable: true }));
  expect(confirmed).toBe(1);
});
