import { type EventSourceMappingConfiguration, LambdaClient, ResourceNotFoundException } from "@aws-sdk/client-lambda";
import { expect, test } from "vitest";
import { twoServices } from "../two-services.fixture.ts";
import { deployMapping } from "./relay-mapping.ts";

// Races of two runs, which no endpoint can be made to have. `tests/localstack` deploys to a real one.

type Mappings = Map<string, EventSourceMappingConfiguration>;

/** A Lambda that accepts any number of mappings, as emulators do. `between` runs before each call. */
function emulator(mappings: Mappings, between: (operation: string) => void): LambdaClient {
  const client = new LambdaClient({ region: "us-east-1" });
  const operations: Readonly<Record<string, (input: EventSourceMappingConfiguration) => object>> = {
    ListEventSourceMappingsCommand: () => ({ EventSourceMappings: [...mappings.values()] }),
    CreateEventSourceMappingCommand: (input) => made(mappings, "mine", input),
    GetEventSourceMappingCommand: ({ UUID = "" }) => {
      const found = mappings.get(UUID);
      if (found === undefined) throw new ResourceNotFoundException({ message: "gone", $metadata: {} });
      return found;
    },
    DeleteEventSourceMappingCommand: ({ UUID = "" }) => {
      mappings.delete(UUID);
      return {};
    },
  };
  client.middlewareStack.add(
    (_next, { commandName = "" }) =>
      async ({ input }) => {
        between(commandName);
        const output = { $metadata: {}, ...operations[commandName]?.(input as EventSourceMappingConfiguration) };
        return { output: output as never, response: {} };
      },
    { step: "initialize" },
  );
  return client;
}

function made(mappings: Mappings, UUID: string, input: EventSourceMappingConfiguration): object {
  const mapping = { ...input, UUID, State: "Enabled" };
  mappings.set(UUID, mapping);
  return mapping;
}

/** Deploys while another run makes a mapping after the n-th call of that operation, and removes others of the same stream. */
async function deploy(other: { uuid: string; before: string; nth: number; removes?: string }) {
  const mappings: Mappings = new Map();
  const states: string[] = [];
  let calls = 0;
  const lambda = emulator(mappings, (operation) => {
    if (operation !== other.before || ++calls !== other.nth) return;
    const [mine] = mappings.values();
    made(mappings, other.uuid, mine ?? { EventSourceArn: "stream" });
    if (other.removes !== undefined) mappings.delete(other.removes);
  });
  await deployMapping({
    lambda,
    name: "relay",
    spec: twoServices.mappings["orders-outbox-relay"],
    streamArn: "stream",
    onFailureArn: "queue",
    report: (_kind, _name, state) => states.push(state),
  });
  return { kept: [...mappings.keys()], states };
}

test("two runs that create a mapping at once keep the same one", async () => {
  const before = "ListEventSourceMappingsCommand";
  expect((await deploy({ uuid: "a", before, nth: 2 })).kept).toEqual(["a"]);
  expect((await deploy({ uuid: "z", before, nth: 2 })).kept).toEqual(["mine"]);
});

test("a run whose mapping another run has replaced goes on with the other's", async () => {
  const ended = await deploy({ uuid: "a", before: "GetEventSourceMappingCommand", nth: 1, removes: "mine" });
  expect(ended).toEqual({ kept: ["a"], states: ["there"] });
});
