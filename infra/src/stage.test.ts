import { describe, expect, test } from "vitest";
import { readContext, readSettings } from "./stage.ts";

const served = {
  certificate: "arn:aws:acm:eu-central-1:123456789012:certificate/0b1c",
  domain: "shop.example.com",
  alarmEmail: "operators@example.com",
};

test("without a stage, it is test: a forgotten flag changes no shop with customers", () => {
  expect(readSettings("doubleshot", {})).toMatchObject({ stage: "test", shop: "doubleshot-test", keepsData: false });
});

test.each(["staging", "production"])("the data of %s outlives its stacks", (stage) => {
  expect(readSettings("doubleshot", { stage, ...served })).toMatchObject({
    stage,
    shop: `doubleshot-${stage}`,
    keepsData: true,
    ...served,
  });
});

describe("a mistake is one sentence that says what to give", () => {
  test.each([
    [{ stage: "prod" }, 'There is no stage "prod": give -c stage=test, staging or production.'],
    [{ stage: "toString" }, 'There is no stage "toString": give -c stage=test, staging or production.'],
    [
      { stage: "production", alarmEmail: served.alarmEmail },
      `Stage production needs -c certificate=..., such as ${served.certificate}.`,
    ],
    [
      { stage: "staging", certificate: served.certificate, domain: served.domain },
      "Stage staging needs -c alarmEmail=..., such as operators@example.com.",
    ],
    [
      { stage: "staging", certificate: served.certificate, alarmEmail: served.alarmEmail },
      "Stage staging needs -c domain=..., such as shop.example.com.",
    ],
    [{ domain: "https://shop" }, 'The domain is "https://shop": give one such as shop.example.com.'],
    [{ certificate: "my-certificate" }, `The certificate is "my-certificate": give one such as ${served.certificate}.`],
    [{ images: "two words" }, 'The images is "two words": give one such as 1.4.0.'],
    [
      { collector: "otlp.example.com" },
      'The collector is "otlp.example.com": give one such as https://otlp.example.com:4318.',
    ],
    [{ traceRatio: "10%" }, 'The traceRatio is "10%": give one such as 0.01.'],
  ])("%j", (context, sentence) => {
    expect(() => readSettings("doubleshot", context)).toThrow(
      expect.objectContaining({ message: sentence, exitSentence: true }),
    );
  });

  test.each(["stag=test", "stage", "stage=", "=test"])("-c %s", (text) => {
    expect(() => readContext([text])).toThrow(
      `There is no setting ${JSON.stringify(text)}: give -c name=value, with stage, certificate, domain, images, alarmEmail, collector or traceRatio.`,
    );
  });
});

test("a value may have an = of its own", () => {
  expect(readContext(["stage=test", "images=a=b"])).toEqual({ stage: "test", images: "a=b" });
});
