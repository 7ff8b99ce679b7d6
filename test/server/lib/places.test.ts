import { describe, expect, test } from "bun:test";
import { Places } from "../../../server/lib/places.ts";

describe("places", () => {
  test("are so many, and never all of them for one", () => {
    const places = new Places(3, 2);
    expect(places.take("ann")).toBeFunction();
    expect(places.take("ann")).toBeFunction();
    expect(places.take("ann")).toBeUndefined();
    expect(places.take("bob")).toBeFunction();
    expect(places.take("eve")).toBeUndefined();
    expect(places.taken).toBe(3);
  });

  test("are free again once they were given back; giving back twice takes nobody else's", () => {
    const places = new Places(2, 1);
    const giveBack = places.take("ann");
    places.take("bob");
    giveBack?.();
    giveBack?.();
    expect(places.taken).toBe(1);
    expect(places.take("bob")).toBeUndefined();
    expect(places.take("ann")).toBeFunction();
  });
});
