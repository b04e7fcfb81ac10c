import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { DeleteCommand, type DynamoDBDocumentClient, PutCommand, paginateScan } from "@aws-sdk/lib-dynamodb";
import { announcedMs, createSigningKey, type SigningKey, signingKeyAt, stateAt } from "./signing-key.ts";

/** The id of the first key's row. All processes use it, so the condition on the row lets only one of them create that key. */
const firstRow = "first";

/** A key as its row has it. The private key is a text, so that no mapping of attributes changes it. */
interface KeyRow {
  /** The id of the row, which is the key's id, except in the row of the first key. */
  readonly id: string;
  /** The id of the first key. */
  readonly kid?: string;
  readonly privateKey: string;
  readonly signsFrom: number;
}

export interface Rotation {
  readonly added: SigningKey;
  /** Ids of the keys that were deleted, because they were retired. */
  readonly deleted: readonly string[];
}

/** The signing keys of an issuer, in a table of its own with the key `id`. It has few rows, and each read is consistent. */
export class SigningKeyStore {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  /** All keys, in the order of the times from which they sign. */
  async list(): Promise<SigningKey[]> {
    const rows = await this.#rows();
    return rows.map(keyOf).sort((one, other) => one.signsFrom - other.signsFrom);
  }

  /**
   * All keys; one of them signs. An empty table gets its first key, and only one process may create it: services that have
   * loaded one first key would refuse the tokens of another.
   */
  async listOrCreate(now: number): Promise<SigningKey[]> {
    const keys = await this.list();
    if (keys.length > 0) return keys;
    try {
      const { id, ...key } = rowOf(await createSigningKey(now));
      await this.#put({ id: firstRow, kid: id, ...key });
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
    }
    return this.list();
  }

  /**
   * Adds a key and deletes the retired ones. The new key signs ten minutes later, when every service knows it; at once if
   * there is no other, or if `atOnce` asks for it. Then services learn it with its first token.
   */
  async rotate(now: number, { atOnce = false }: { readonly atOnce?: boolean } = {}): Promise<Rotation> {
    const keys = await this.list();
    const added = await createSigningKey(atOnce || keys.length === 0 ? now : now + announcedMs);
    await this.#put(rowOf(added));
    const retired = keys.filter((key) => stateAt(key, keys, now) === "retired");
    for (const { id } of retired) await this.#delete(id);
    return { added, deleted: retired.map(({ id }) => id) };
  }

  /**
   * Deletes a key, whose tokens are refused as soon as services load the JWKS again. If it is the one that signs, a new one
   * signs at once.
   */
  async revoke(id: string, now: number): Promise<"revoked" | "unknown"> {
    const keys = await this.list();
    if (!keys.some((key) => key.id === id)) return "unknown";
    if (signingKeyAt(keys, now)?.id === id) await this.#put(rowOf(await createSigningKey(now)));
    await this.#delete(id);
    return "revoked";
  }

  async #rows(): Promise<KeyRow[]> {
    const rows: KeyRow[] = [];
    const pages = paginateScan({ client: this.#client }, { TableName: this.#table, ConsistentRead: true });
    for await (const { Items = [] } of pages) rows.push(...(Items as KeyRow[]));
    return rows;
  }

  async #put(row: KeyRow): Promise<void> {
    const ConditionExpression = "attribute_not_exists(id)";
    await this.#client.send(new PutCommand({ TableName: this.#table, Item: row, ConditionExpression }));
  }

  async #delete(keyId: string): Promise<void> {
    for (const { id, kid = id } of await this.#rows()) {
      if (kid === keyId) await this.#client.send(new DeleteCommand({ TableName: this.#table, Key: { id } }));
    }
  }
}

function keyOf({ id, kid = id, signsFrom, privateKey }: KeyRow): SigningKey {
  return { id: kid, signsFrom, privateKey: JSON.parse(privateKey) };
}

function rowOf({ privateKey, ...key }: SigningKey): KeyRow {
  return { ...key, privateKey: JSON.stringify(privateKey) };
}
