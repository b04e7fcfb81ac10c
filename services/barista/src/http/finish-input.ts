import { brewResult } from "@doubleshot/contracts";

/** The member of a finish's body that holds the barista's result. */
export const resultBody = {
  result: brewResult
    .exactOptional()
    .describe(
      "Any JSON for the customer, who gets the same values; the order of names is not kept. What would arrive changed is refused: more than 20 levels, a number that a double does not hold as it is written, -0, half a surrogate pair, the name `__proto__`, a name given twice in one object. Send such numbers as strings.",
    ),
};

/** Levels of such a body: 20 of the result, because several services and stores pass it on, and its own. */
export const resultLevels = 21;
