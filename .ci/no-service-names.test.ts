import { expect, test } from "vitest";
import { coffeeShop } from "../libs/shop/src/index.ts";
import { sourceFiles, textOf } from "./source-files.ts";

// These packages work for any shop, so they name no service of this one. A third service needs no edit in them.

const anyShop =
  /^(libs\/(cdk|cli|dev-shop|local-aws|operations|service-host|topology|waiting)\/(src|bin)|lambdas\/\w+\/src|infra\/src)\//;
const isTest = /\.(test|test-d|fixture)\.[jt]s$/;
const serviceName = new RegExp(`(?<![a-z])(${Object.keys(coffeeShop.services).join("|")})(?![a-z])`, "i");

/** Lines with the name of a service, in capitals too. */
const namesIn = (file: string, text: string) =>
  text.split("\n").flatMap((line, index) => (namesService(line) ? [`${file}:${index + 1} ${line.trim()}`] : []));

/** A page of the World Wide Web has nothing to do with the service that is named for it. */
const namesService = (line: string) => serviceName.test(line.replaceAll(/https?:\/\/\S+|web[- ]pages?/gi, ""));

test("packages for any shop name no service", () => {
  const files = sourceFiles().filter((file) => anyShop.test(file) && !isTest.test(file));
  expect(files.length).toBeGreaterThan(100);
  expect(files.flatMap((file) => namesIn(file, textOf(file)))).toEqual([]);
});

test("a name is found as a word, in a longer name and in capitals", () => {
  const text = ['a = "orders";', 'b = "orders-outbox";', "c = env.BARISTA_URL;", "borders(); baristas();"].join("\n");
  expect(namesIn("file.ts", text).map((line) => line.split(" ")[0])).toEqual(["file.ts:1", "file.ts:2", "file.ts:3"]);
});
