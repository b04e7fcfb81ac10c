import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

// The supervisor, the tests of pages and other programs load the shop as data, without the tenths of a second and the memory
// that AWS clients take.

const refuseAws = `
import { registerHooks } from "node:module";
registerHooks({
  resolve(specifier, context, next) {
    if (specifier.startsWith("@aws-sdk/")) throw new Error(context.parentURL + " imports " + specifier);
    return next(specifier, context);
  },
});
const exported = Object.keys(await import(process.argv[1]));
process.stdout.write(String(exported.length > 0));
`;

test.each([
  "@doubleshot/messaging/events",
  "@doubleshot/messaging/infrastructure",
  "@doubleshot/contracts",
  "@doubleshot/shop",
])("%s loads no AWS client", async (entry) => {
  const args = ["--input-type=module", "--eval", refuseAws, entry];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: import.meta.dirname });
  expect(stdout).toBe("true");
});
