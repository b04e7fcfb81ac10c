import { type DynamoDBDocumentClient, GetCommand } from "@aws-sdk/lib-dynamodb";
import { createOutbox, defineEvent, on, type StandardSchema, subscriber } from "@doubleshot/messaging";
import { inboxTable, outboxTable } from "@doubleshot/messaging/infrastructure";
import { deliver, FakeAws } from "@doubleshot/messaging/testing";
import { vi } from "vitest";
import { Aggregates, type AggregatesOptions, type CommittedChange } from "./aggregates.ts";

/** The aggregate of these tests: it is switched on and off. */
export interface Lamp {
  readonly id: string;
  readonly version: number;
  readonly isOn: boolean;
}

const anything: StandardSchema<{ readonly by: string }> = {
  "~standard": { version: 1, vendor: "test", validate: (value) => ({ value: value as { by: string } }) },
};
const SwitchedOn = defineEvent("SwitchedOn", { version: 1, schema: anything });
const SwitchAsked = defineEvent("SwitchAsked", { version: 1, schema: anything });

export const newLamp = (id: string): Lamp => ({ id, version: 0, isOn: false });

export const switchOn = (lamp: Lamp, by = "Ada") =>
  lamp.isOn
    ? ({ outcome: "unchanged", reason: "the lamp is on already" } as const)
    : ({ outcome: "switched-on", state: { ...lamp, isOn: true }, events: [SwitchedOn({ by })] } as const);

export const switchOff = (lamp: Lamp) => ({ outcome: "switched-off", state: { ...lamp, isOn: false } }) as const;

/** Processes that share one set of tables in memory. */
export function lampShop() {
  const aws = new FakeAws({
    tables: {
      lamps: { key: { partition: { name: "id", type: "S" } } },
      "lamps-requests": { key: { partition: { name: "key", type: "S" } } },
      "lamps-outbox": outboxTable,
      "lamps-inbox": inboxTable,
    },
  });
  const { documents } = aws.clients();
  const send = vi.fn((command: object) => Reflect.apply(documents.send, documents, [command]));
  const client: DynamoDBDocumentClient = Object.create(documents, { send: { value: send } });

  const rowOf = async (id: string) =>
    (await client.send(new GetCommand({ TableName: "lamps", Key: { id }, ConsistentRead: true }))).Item;
  return {
    client,
    rowOf,
    /** The names of the calls that this work makes. */
    async calls(work: () => Promise<unknown>): Promise<string[]> {
      send.mockClear();
      await work();
      return send.mock.calls.map(([command]) => command.constructor.name.replace("Command", ""));
    },
    open: (options: Partial<AggregatesOptions<Lamp>> = {}) => openProcess(client, rowOf, options),
  };
}

type Shop = ReturnType<typeof lampShop>;

function openProcess(client: Shop["client"], rowOf: Shop["rowOf"], options: Partial<AggregatesOptions<Lamp>>) {
  const tables = { outbox: "lamps-outbox", inbox: "lamps-inbox" };
  const outbox = createOutbox({ client, source: "/lamps", tables });
  const committed: CommittedChange<Lamp>[] = [];
  const repeated: Lamp[] = [];
  const store = {
    get: async (id: string) => (await rowOf(id)) as Lamp | undefined,
    save: ({ id, version, ...item }: Lamp) => ({ table: "lamps", key: { id }, item, expected: version }),
  };
  const lamps = new Aggregates<Lamp>({
    outbox,
    store,
    nameOf: (id) => `lamp#${id}`,
    onCommitted: (change) => void committed.push(change),
    onRepeated: (lamp) => void repeated.push(lamp),
    ...options,
  });
  /** Handles a message as `decide` says. The same id is the same message. */
  const handle = async (
    id: string,
    decide: Parameters<typeof lamps.handle>[2],
    { message, decidesWithoutRead }: { message?: string; decidesWithoutRead?: Parameters<typeof lamps.handle>[3] } = {},
  ) => {
    const handler = subscriber("lamps", outbox, [
      on(SwitchAsked, (asked) => lamps.handle(asked, id, decide, decidesWithoutRead)),
    ]);
    const delivery = { subject: `switch#${id}`, ...(message === undefined ? {} : { id: message }) };
    return (await deliver(handler, SwitchAsked({ by: "Ada" }), delivery)).outcome;
  };
  return { lamps, committed, repeated, handle, store };
}
