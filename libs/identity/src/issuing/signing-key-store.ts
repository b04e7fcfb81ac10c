import { DeleteCommand, type DynamoDBDocumentClient, PutCommand, paginateScan } from "@aws-sdk/lib-dynamodb";
import { announcedMs, createSigningKey, type SigningKey, signingKeyAt, stateAt } from "./signing-key.ts";

/** A key as its row has it. The private key is a text, so that no mapping of attributes changes it. */
interface KeyRow {
  readonly id: string;
  readonly privateKey: string;
  readonly signsFrom: number;
}

export interface Rotation {
  readonly added: SigningKey;
  /** Ids of the keys that were deleted, because they were retired. */
  readonly deleted: readonly string[];
}

/** The signing keys of an issuer, in a table of its own with the key `id`. There are a few rows, and each read is consistent. */
export class SigningKeyStore {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  /** All keys, the one that signs last at the end. */
  async list(): Promise<SigningKey[]> {
    const keys: SigningKey[] = [];
    const pages = paginateScan({ client: this.#client }, { TableName: this.#table, ConsistentRead: true });
    for await (const { Items = [] } of pages) keys.push(...(Items as KeyRow[]).map(keyOf));
    return keys.sort((one, other) => one.signsFrom - other.signsFrom);
  }

  /** All keys, of which one signs: an empty table gets its first. Two processes may make one each, and both count. */
  async listOrCreate(now: number): Promise<SigningKey[]> {
    const keys = await this.list();
    if (keys.length > 0) return keys;
    await this.#add(await createSigningKey(now));
    return this.list();
  }

  /**
   * Adds a key and deletes the retired ones. The new key signs ten minutes later, when every service knows it; at once if
   * there is no other, or if `atOnce` asks for it. Then services learn it with its first token.
   */
  async rotate(now: number, { atOnce = false }: { readonly atOnce?: boolean } = {}): Promise<Rotation> {
    const keys = await this.list();
    const added = await createSigningKey(atOnce || keys.length === 0 ? now : now + announcedMs);
    await this.#add(added);
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
    if (signingKeyAt(keys, now)?.id === id) await this.#add(await createSigningKey(now));
    await this.#delete(id);
    return "revoked";
  }

  async #add({ privateKey, ...key }: SigningKey): Promise<void> {
    const row: KeyRow = { ...key, privateKey: JSON.stringify(privateKey) };
    await this.#client.send(new PutCommand({ TableName: this.#table, Item: row }));
  }

  async #delete(id: string): Promise<void> {
    await this.#client.send(new DeleteCommand({ TableName: this.#table, Key: { id } }));
  }
}

function keyOf({ id, privateKey, signsFrom }: KeyRow): SigningKey {
  return { id, signsFrom, privateKey: JSON.parse(privateKey) };
}
