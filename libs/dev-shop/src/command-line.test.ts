import { expect, test } from "vitest";
import { readCommand } from "./command-line.ts";

test("without arguments: one of each service, the usual ports, data under .doubleshot", () => {
  expect(readCommand([], {})).toEqual({
    help: false,
    fresh: false,
    verbose: false,
    orders: 1,
    barista: 1,
    data: ".doubleshot",
    ports: { orders: 9702, barista: 9703, admin: 8001, dynamodb: 9710, messaging: 9711 },
  });
});

test("arguments and variables", () => {
  const command = readCommand(["--fresh", "--orders", "3"], { ORDERS_PORT: "0", ADMIN_PORT: "" });
  expect(command).toMatchObject({ fresh: true, orders: 3, ports: { orders: 0, admin: 8001 } });
});

test.each([
  [["--frsh"], {}, "Unknown option '--frsh': npm start -- --help lists what there is."],
  [["now"], {}, "Unexpected argument 'now': npm start -- --help lists what there is."],
  [["--orders", "none"], {}, '--orders is "none": give a whole number from 1 to 20.'],
  [["--orders"], {}, "Option '--orders <value>' argument missing: npm start -- --help lists what there is."],
  [[], { ORDERS_PORT: "97o2" }, 'ORDERS_PORT is "97o2": give a whole number from 0 to 65535.'],
])("%j with %j is refused in one sentence", (args, env, sentence) => {
  expect(() => readCommand(args, env)).toThrow(sentence);
});
