import {
  type ArmedFault,
  deliveries,
  deliveryFaults,
  type FaultCommand,
  type RelayAction,
  relayActions,
} from "@doubleshot/local-aws/faults";
import type { RushNumber } from "@doubleshot/shop";
import { FaultProblemError } from "./fault-problem.ts";

type Body = Readonly<Record<string, unknown>>;

/** The consumers' calls give up after 5 s beyond their wait, so a longer delay would be a drop. */
const maxDelaySeconds = 5;
const maxStallSeconds = 60;

/** Reads `{on, fault, delay_seconds}`. @throws FaultProblemError, as the other functions here do */
export function readDelivery(body: Body): ArmedFault {
  const on = oneOf(body, "on", deliveries);
  const fault = oneOf(body, "fault", deliveryFaults);
  const seconds =
    body.delay_seconds === undefined ? 3 : number(body, "delay_seconds", { min: 0.1, max: maxDelaySeconds });
  return { on, fault, delayMs: seconds * 1_000 };
}

export function readRelayAction(body: Body): RelayAction {
  return oneOf(body, "action", relayActions);
}

export function readStall(body: Body): Extract<FaultCommand, { kind: "stall" }> {
  return { kind: "stall", ms: number(body, "stall_seconds", { min: 0.1, max: maxStallSeconds }) * 1_000 };
}

export function readName(body: Body, names: readonly string[]): string {
  return oneOf(body, "name", names);
}

/** Returns the numbers in their order. */
export function readRush(body: Body, numbers: readonly RushNumber[]): number[] {
  return numbers.map(({ name, min, max }) => number(body, name, { min, max, whole: true }));
}

function oneOf<const T extends string>(body: Body, name: string, values: readonly T[]): T {
  const value = values.find((each) => each === body[name]);
  if (value !== undefined) return value;
  throw new FaultProblemError(400, `${name} is ${shown(body[name])}: give ${listed(values)}.`);
}

function number(body: Body, name: string, bounds: { min: number; max: number; whole?: boolean }): number {
  const { min, max, whole = false } = bounds;
  const value = body[name];
  if (typeof value === "number" && value >= min && value <= max && (!whole || Number.isInteger(value))) return value;
  const kind = whole ? "a whole number" : "a number";
  throw new FaultProblemError(400, `${name} is ${shown(value)}: give ${kind} from ${min} to ${max}.`);
}

const maxShown = 60;

/** A value in a message, cut if it is long. */
function shown(value: unknown): string {
  if (value === undefined) return "missing";
  const text = JSON.stringify(value);
  return text.length > maxShown ? `${text.slice(0, maxShown)}...` : text;
}

const listed = (values: readonly string[]): string => `${values.slice(0, -1).join(", ")} or ${values.at(-1)}`;
