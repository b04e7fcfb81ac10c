import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { firstInexact } from "./exact-json.ts";

const numbers = ["0", "0.0", "0e999", "1", "-1", "1.50", "1.5e1", "0.1", "100", "1e2", "0.30000000000000004", "1e-200"];
const limits = [
  "9007199254740992",
  "-9007199254740991",
  "1.7976931348623157E+308",
  "5e-324",
  "123456789012345.6",
  "1e300",
];

test.each([...numbers, ...limits])("%s comes out as the same number", (number) => {
  expect(firstInexact(`{"result":[${number}]}`)).toBeUndefined();
});

describe("is found, and named by its path", () => {
  test.each([
    ["an integer beyond 2^53", "12345678901234567890", /would make it 12345678901234567000/],
    ["the first integer beyond 2^53 that is rounded", "9007199254740993", /would make it 9007199254740992/],
    ["a number beyond all numbers", "-1e400", /this large/],
    ["a number next to nothing", "-1e-400", /this close to 0/],
    ["a decimal with too many digits", "0.12345678901234567890", /would make it 0.12345678901234568/],
    ["an integer and a little", "1.00000000000000000001", /would make it 1;/],
    ["minus zero", "-0", /-0/],
    ["minus zero with an exponent", "-0.00e5", /-0/],
    ["__proto__", '{"__proto__":1}', /__proto__/],
    ["__proto__ in disguise", String.raw`{"\u005f_proto__":1}`, /__proto__/],
    ["a name given twice", '{"a":1,"b":{"a":2},"a":3}', /twice/],
    ["a name given twice, once in disguise", String.raw`{"a":1,"\u0061":3}`, /twice/],
    ["half an emoji", String.raw`"\ud83d"`, /surrogate/],
    ["half an emoji in a name", String.raw`{"\udc00":1}`, /surrogate/],
  ])("%s", (_, value, detail) => {
    const found = firstInexact(`{"result": [{}, "}", ${value}]}`);
    expect(found?.path.slice(0, 2)).toEqual(["result", 2]);
    expect(found?.detail).toMatch(detail);
  });

  test("deep inside, behind names and strings that look like structure", () => {
    const json = String.raw`{"a":[{"b\"{":"]\\"},[1,2]],"c":{"d":[0,[{"e":-0}]]}}`;
    expect(firstInexact(json)?.path).toEqual(["c", "d", 1, 0, "e"]);
  });
});

test("the same names in different objects are no repetition", () => {
  expect(firstInexact('[{"a":{"a":1}},{"a":"a"}]')).toBeUndefined();
});

test("any value that JSON.stringify wrote passes, but for -0 and __proto__", () => {
  const name = fc.string({ unit: "grapheme" }).filter((text) => text !== "__proto__");
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 5 },
      fc.double({ noNaN: true, noDefaultInfinity: true }).filter((number) => !Object.is(number, -0)),
      fc.string({ unit: "grapheme" }),
      fc.constantFrom(null, true, false),
      fc.array(tie("value")),
      fc.dictionary(name, tie("value")),
    ),
  }));
  fc.assert(
    fc.property(value, fc.constantFrom(undefined, 1, "\t"), (sent, space) => {
      expect(firstInexact(JSON.stringify(sent, undefined, space))).toBeUndefined();
    }),
  );
});

test("a number passes exactly when a double has its value", () => {
  const digits = fc.stringMatching(/^[1-9][0-9]{0,20}$/);
  fc.assert(
    fc.property(digits, fc.integer({ min: -40, max: 10 }), (text, exponent) => {
      const scale = 10n ** 60n;
      const exact =
        exponent < 0
          ? (BigInt(text) * scale) / 10n ** BigInt(-exponent)
          : BigInt(text) * scale * 10n ** BigInt(exponent);
      const value = Number(`${text}e${exponent}`);
      const shown = BigInt(
        value
          .toExponential()
          .replace(
            /^(\d)(?:\.(\d+))?e([+-]\d+)$/,
            (_, first, rest = "", power) => `${first}${rest}${"0".repeat(60 + Number(power) - rest.length)}`,
          ),
      );
      expect(firstInexact(`${text}e${exponent}`) === undefined).toBe(shown === exact);
    }),
  );
});
