import { expect, test } from "vitest";
import { readSettings } from "./main-settings.ts";

const defaults = { relay: "/relay.ts", hasDynoxide: () => true };
const topology = { tables: {}, topics: {}, queues: {}, subscriptions: [], mappings: { "relay-a": {}, "relay-b": {} } };
const TOPOLOGY = JSON.stringify(topology);

test("without any variable: memory, free ports, no resources", () => {
  expect(readSettings({}, defaults)).toEqual({
    shop: "doubleshot",
    data: "memory",
    ports: { dynamodb: 0, messaging: 0 },
    expirySweepMs: 60_000,
    functions: {},
  });
});

test("with a topology: the relay for every mapping", () => {
  expect(readSettings({ TOPOLOGY }, defaults)).toEqual({
    topology,
    shop: "doubleshot",
    data: "memory",
    ports: { dynamodb: 0, messaging: 0 },
    expirySweepMs: 60_000,
    functions: { "relay-a": { entry: "/relay.ts" }, "relay-b": { entry: "/relay.ts" } },
  });
});

test("variables replace the defaults", () => {
  const env = {
    TOPOLOGY,
    SHOP: "tiny",
    DATA: "/data",
    DYNAMODB_PORT: "8000",
    MESSAGING_PORT: "4566",
    EXPIRY_SWEEP_SECONDS: "1",
    FUNCTIONS: '{"relay-a":{"entry":"/other.ts","env":{"A":"1"}}}',
  };
  expect(readSettings(env, defaults)).toEqual({
    topology,
    shop: "tiny",
    data: "/data",
    ports: { dynamodb: 8000, messaging: 4566 },
    expirySweepMs: 1000,
    functions: { "relay-a": { entry: "/other.ts", env: { A: "1" } } },
  });
});

test.each([
  ["DYNAMODB_PORT", "http", 'DYNAMODB_PORT is "http": give a whole number from 0 to 65535.'],
  ["MESSAGING_PORT", "70000", 'MESSAGING_PORT is "70000": give a whole number from 0 to 65535.'],
  ["EXPIRY_SWEEP_SECONDS", "-1", 'EXPIRY_SWEEP_SECONDS is "-1": give a whole number from 1 to 86400.'],
  ["SHOP", "a b", /^SHOP is "a b"; it must be at most 32 lower-case letters, digits and hyphens/],
  ["SHOP", "../x", /^SHOP is /],
  ["SHOP", "Tiny", /^SHOP is /],
  ["SHOP", "-x", /^SHOP is /],
  ["SHOP", "a".repeat(33), /^SHOP is /],
  ["EXPIRY_SWEEP_SECONDS", "0", 'EXPIRY_SWEEP_SECONDS is "0": give a whole number from 1 to 86400.'],
])("%s=%s is refused in one sentence", (name, value, sentence) => {
  expect(() => readSettings({ [name]: value }, defaults)).toThrow(sentence);
});

test.each(["{", "[]", "null", '{"relay-a":{}}', '{"relay-a":null}', '{"relay-a":{"entry":"x","env":{"A":1}}}'])(
  "FUNCTIONS=%s is refused with an example",
  (json) => {
    expect(() => readSettings({ TOPOLOGY, FUNCTIONS: json }, defaults)).toThrow(/^FUNCTIONS cannot be used .*relay-a/);
  },
);

test.each([
  [{ AWS_ENDPOINT_URL_DYNAMODB: "http://127.0.0.1:8000/", AWS_ENDPOINT_URL: "http://other" }, "http://127.0.0.1:8000"],
  [{ AWS_ENDPOINT_URL: "http://localhost:4566" }, "http://localhost:4566"],
  [{}, undefined],
])("without dynoxide, %j names the DynamoDB to use", (env, dynamodbEndpoint) => {
  expect(readSettings(env, { ...defaults, hasDynoxide: () => false }).dynamodbEndpoint).toBe(dynamodbEndpoint);
  expect(readSettings(env, defaults)).not.toHaveProperty("dynamodbEndpoint");
});

test("an endpoint that is no URL is refused, and named", () => {
  const env = { AWS_ENDPOINT_URL_DYNAMODB: "localhost:8000" };
  expect(() => readSettings(env, { ...defaults, hasDynoxide: () => false })).toThrow(
    'AWS_ENDPOINT_URL_DYNAMODB is "localhost:8000": give a URL such as http://127.0.0.1:8000.',
  );
});

test.each([
  ["/nowhere.json", /^TOPOLOGY is \/nowhere\.json, which cannot be read [^\n]+: give a JSON file\.$/],
  ["{", /^TOPOLOGY is JSON, which cannot be read [^\n]+: give a JSON file\.$/],
  ["{}", 'TOPOLOGY is JSON, which has no "queues": describe the system as docs/adopting.md shows.'],
])("TOPOLOGY=%s is refused in one sentence", (text, sentence) => {
  expect(() => readSettings({ TOPOLOGY: text }, defaults)).toThrow(sentence);
});
