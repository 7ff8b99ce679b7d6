import { BrowserFixture } from "./browser-fixture.ts";

/** A program of its own that opens a browser and waits to be killed. */
await BrowserFixture.open({ hosts: ["example.com"] });
console.log("open");
setInterval(() => undefined, 60_000);
