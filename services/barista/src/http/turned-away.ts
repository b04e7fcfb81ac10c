import { Problem } from "@doubleshot/service-kit";
import type { Claimed } from "../claims/waiting-baristas.ts";

type TurnedAway = Extract<Claimed, { readonly outcome: "turned-away" }>;

const reasons = {
  closing: {
    detail: "The bar is closing here. Ask again: another instance answers, or this one after its restart.",
    seconds: 1,
  },
  "crowded-out": { detail: "Too many baristas wait here. Come back after Retry-After seconds.", seconds: 5 },
} as const;

export function turnedAway({ reason }: TurnedAway): Problem {
  const { detail, seconds } = reasons[reason];
  return new Problem(503, detail, { headers: { "Retry-After": String(seconds) } });
}

/** For the document. */
export const turnedAwayProblems = {
  503: "The bar is closing here, or too many baristas wait: ask again after `Retry-After` seconds.",
};
