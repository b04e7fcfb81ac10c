import { coffeeShop, defineShop, service } from "@doubleshot/shop";
import { expect, test } from "vitest";
import { helpText, readCommand } from "./command-line.ts";

test("without arguments: one process of each service, the default ports, data under .doubleshot", () => {
  expect(readCommand(coffeeShop, [], {})).toEqual({
    help: false,
    fresh: false,
    verbose: false,
    auth: false,
    data: ".doubleshot",
    services: {
      web: { count: 1, port: { port: 9700, setting: "WEB_PORT" } },
      orders: { count: 1, port: { port: 9702, setting: "ORDERS_PORT" } },
      barista: { count: 1, port: { port: 9703, setting: "BARISTA_PORT" } },
      customers: { count: 1, port: { port: 9701, setting: "CUSTOMERS_PORT" } },
    },
    ports: {
      dynamodb: { port: 9710, setting: "DYNAMODB_PORT" },
      messaging: { port: 9711, setting: "MESSAGING_PORT" },
      admin: { port: 8001, setting: "ADMIN_PORT" },
    },
  });
});

test("arguments and variables", () => {
  const command = readCommand(coffeeShop, ["--fresh", "--orders", "3"], { ORDERS_PORT: "0", ADMIN_PORT: "" });
  expect(command).toMatchObject({
    fresh: true,
    services: { orders: { count: 3, port: { port: 0 } }, barista: { count: 1 } },
    ports: { admin: { port: 8001 } },
  });
});

test("no service has the name of an option or of another port", () => {
  const { services, ports, ...options } = readCommand(coffeeShop, [], {});
  for (const name of [...Object.keys(options), ...Object.keys(ports)]) {
    const define = () => defineShop("street", [service(name, { port: 1, tables: {} })]);
    expect(define, name).toThrow("npm start uses for something else");
  }
});

test("the help names every option and every variable of a port", () => {
  const help = helpText(coffeeShop);
  for (const option of ["fresh", "verbose", "auth", "data", ...Object.keys(coffeeShop.services)])
    expect(help).toContain(`--${option}`);
  const { services, ports } = readCommand(coffeeShop, [], {});
  const all = [...Object.values(services).map(({ port }) => port), ...Object.values(ports)];
  for (const { port, setting } of all) expect(help).toContain(`${setting} (${port})`);
});

test.each([
  [["--frsh"], {}, "Unknown option '--frsh': npm start -- --help lists the options."],
  [["now"], {}, "Unexpected argument 'now': npm start -- --help lists the options."],
  [["--orders", "none"], {}, '--orders is "none": give a whole number from 1 to 20.'],
  [["--orders"], {}, "Option '--orders <value>' argument missing: npm start -- --help lists the options."],
  [[], { ORDERS_PORT: "97o2" }, 'ORDERS_PORT is "97o2": give a whole number from 0 to 65535.'],
])("%j with %j is refused in one sentence", (args, env, sentence) => {
  expect(() => readCommand(coffeeShop, args, env)).toThrow(sentence);
});
