import { describe, expect, test } from "vitest";
import { z } from "zod";
import { ConfigError, onOff, port, readConfig, serviceConfig } from "./config.ts";

const schema = z.object({ ...serviceConfig, PORT: port(9702), CONSUME: onOff("on") });
const read = (env: Record<string, string | undefined>) => readConfig(schema, env);

test("nothing set means the defaults: loopback only, no proxy trusted", () => {
  expect(read({})).toEqual({
    SHOP: "doubleshot",
    HOST: "127.0.0.1",
    PORT: 9702,
    LOG_LEVEL: "info",
    TRUST_PROXY: false,
    DRAIN_SECONDS: 10,
    DRAIN_DELAY_MS: 250,
    KEEP_ALIVE_SECONDS: 72,
    CONSUME: true,
  });
});

test("a variable set to nothing counts as not set, one we do not know is ignored", () => {
  expect(read({ PORT: "", SHOP: undefined, COLOUR: "red" })).toMatchObject({ PORT: 9702, SHOP: "doubleshot" });
});

test("values are taken as what they mean", () => {
  expect(read({ PORT: "0", CONSUME: "off", DRAIN_SECONDS: "30" })).toMatchObject({
    PORT: 0,
    CONSUME: false,
    DRAIN_SECONDS: 30,
  });
});

test.for([
  ["off", false],
  ["2", 2],
  ["loopback, 10.0.0.0/8,fd00::/8,192.0.2.7", ["loopback", "10.0.0.0/8", "fd00::/8", "192.0.2.7"]],
] as const)("TRUST_PROXY=%s is understood", ([value, meaning]) => {
  expect(read({ TRUST_PROXY: value }).TRUST_PROXY).toEqual(meaning);
});

describe("one sentence names the variable, its value and what is allowed", () => {
  const wholePort = "it must be a port from 0 to 65535, where 0 picks a free one.";
  test.for([
    [{ PORT: "nonsense" }, `PORT is "nonsense"; ${wholePort}`],
    [{ PORT: "65536" }, `PORT is "65536"; ${wholePort}`],
    [{ PORT: "-1" }, `PORT is "-1"; ${wholePort}`],
    [{ PORT: "0x10" }, `PORT is "0x10"; ${wholePort}`],
    [{ CONSUME: "yes" }, 'CONSUME is "yes"; it must be on or off.'],
    [{ DRAIN_SECONDS: "1.5" }, 'DRAIN_SECONDS is "1.5"; it must be a whole number from 1 to 900.'],
    [{ LOG_LEVEL: "loud" }, 'LOG_LEVEL is "loud"; it must be trace, debug, info, warn, error, fatal or silent.'],
    [
      { SHOP: "My Shop" },
      'SHOP is "My Shop"; it must be at most 32 lower-case letters, digits and hyphens, the first no hyphen.',
    ],
    ...["true", "10.0.0.0/33", "10.0.0.1,", "::1/129", "proxy.example"].map(
      (value) =>
        [
          { TRUST_PROXY: value },
          `TRUST_PROXY is "${value}"; it must be off, the number of proxies in front, or their addresses and subnets, separated by commas.`,
        ] as const,
    ),
  ] as const)("%o", ([env, sentence]) => {
    expect(() => read(env)).toThrow(new ConfigError(sentence));
  });

  test("but not the value of a secret, and a required one that is missing", () => {
    const secrets = z.object({ API_TOKEN: z.string().min(20).describe("at least 20 characters") });
    const refusal = (env: Record<string, string>) => {
      try {
        return readConfig(secrets, env);
      } catch (error) {
        return error;
      }
    };
    expect(refusal({ API_TOKEN: "hunter2" })).toMatchObject({
      exitSentence: true,
      message: "API_TOKEN is not valid; it must be at least 20 characters.",
    });
    expect(refusal({})).toMatchObject({ message: "API_TOKEN is not set; it must be at least 20 characters." });
  });
});
