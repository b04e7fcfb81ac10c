import { brewResult } from "@doubleshot/contracts";

/** The member of a finish's body that holds the barista's result. */
export const resultBody = {
  result: brewResult
    .exactOptional()
    .describe(
      "Any JSON. The customer gets the same values; member order may change. Values that could not arrive unchanged are refused: more than 20 levels, numbers that a double cannot hold as written, -0, unpaired surrogates, the name `__proto__`, duplicate names. Send such numbers as strings.",
    ),
};

/** Levels of such a body: 20 of the result, because several services and stores pass it on, and its own. */
export const resultLevels = 21;
