import { coffeeShop } from "@doubleshot/shop";
import { expect, test } from "vitest";
import { nginxConf } from "./nginx-conf.ts";

test("nginx listens on the port of each service and passes requests on to the containers of its name", () => {
  const services = { one: { name: "one", port: 9800 }, other: { name: "other", port: 9700 } };
  const conf = nginxConf({ services });
  expect(conf).toContain("    listen 9700; listen 9800;\n");
  expect(conf).toContain("map $server_port $service { 9700 other:9700; 9800 one:9800; }");
});

test("the coffee shop's configuration", () => {
  expect(nginxConf(coffeeShop)).toMatchSnapshot();
});

test("the problems that nginx answers with are JSON of their status", () => {
  const problems = [...nginxConf(coffeeShop).matchAll(/return (\d{3}) '(.*)';/g)];
  expect(problems.length).toBe(2);
  for (const [, status, body = ""] of problems) expect(JSON.parse(body)).toMatchObject({ status: Number(status) });
});
