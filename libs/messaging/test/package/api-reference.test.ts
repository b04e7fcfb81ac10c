import { expect, test } from "vitest";
import { apiReference } from "./api-reference.ts";

// A difference here is a change of the public interface. If it is intended, run `npm run docs -w libs/messaging`.
test("the reference is that of the types, and the types are those that were published", async () => {
  await expect(await apiReference()).toMatchFileSnapshot("../../docs/api.md");
});
