import { expect, test } from "vitest";
import { createSigningKey, publicKeysAt, type SigningKey } from "../issuing/index.ts";
import { KeySet } from "./key-set.ts";

/** A set whose issuer and clock the test plays. */
function openKeySet() {
  let answering: Promise<void> | undefined;
  const issuer = {
    ...{ keys: [] as SigningKey[], down: false, loads: 0 },
    /** It answers no load until the returned function is called. */
    pause: () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      answering = promise;
      return resolve;
    },
  };
  const clock = { now: 0 };
  const troubles: unknown[] = [];
  const set = new KeySet({
    load: async () => {
      issuer.loads += 1;
      await answering;
      if (issuer.down) throw new Error("the issuer is down");
      return publicKeysAt(issuer.keys, Date.now()).keys;
    },
    onTrouble: (error) => void troubles.push(error),
    now: () => clock.now,
  });
  return { set, issuer, clock, troubles };
}

test("the first token loads the keys, and later ones need no load", async () => {
  const { set, issuer } = openKeySet();
  const key = await createSigningKey(0);
  issuer.keys = [key];
  await expect(set.find(key.id)).resolves.toBeInstanceOf(CryptoKey);
  issuer.down = true;
  await expect(set.find(key.id)).resolves.toBeInstanceOf(CryptoKey);
  expect(issuer.loads).toBe(1);
});

test("a key that signs since a moment is found by its first token", async () => {
  const { set, issuer, clock } = openKeySet();
  const [old, added] = [await createSigningKey(0), await createSigningKey(1)];
  issuer.keys = [old];
  await set.find(old.id);
  issuer.keys = [old, added];
  clock.now += 10_000;
  await expect(set.find(added.id)).resolves.toBeInstanceOf(CryptoKey);
});

test("invented key ids cause one load in ten seconds, however many there are", async () => {
  const { set, issuer, clock } = openKeySet();
  issuer.keys = [await createSigningKey(0)];
  await set.find("first");
  expect(issuer.loads).toBe(1);
  const attack = (second: number) => {
    clock.now = second * 1_000;
    return Promise.all(Array.from({ length: 100 }, (_, n) => set.find(`invented-${n}`)));
  };
  expect(new Set(await attack(9))).toEqual(new Set(["unknown"]));
  expect(issuer.loads).toBe(1);
  await attack(10);
  await attack(11);
  expect(issuer.loads).toBe(2);
});

test("they cause no more loads while the issuer is down, and the known keys stay", async () => {
  const { set, issuer, clock, troubles } = openKeySet();
  const key = await createSigningKey(0);
  issuer.keys = [key];
  await set.find(key.id);
  issuer.down = true;
  clock.now = 10_000;
  expect(await set.find("invented")).toBe("unknown");
  expect(await set.find("invented")).toBe("unknown");
  expect([issuer.loads, troubles.length]).toEqual([2, 1]);
  await expect(set.find(key.id)).resolves.toBeInstanceOf(CryptoKey);
});

test("tokens of known keys do not wait for an issuer that takes its time", async () => {
  const { set, issuer, clock } = openKeySet();
  const key = await createSigningKey(0);
  issuer.keys = [key];
  await set.find(key.id);
  clock.now = 10_000;
  const answered = issuer.pause();
  const search = set.find("invented");
  await expect(set.find(key.id)).resolves.toBeInstanceOf(CryptoKey);
  answered();
  expect(await search).toBe("unknown");
});

test("without any keys it is unavailable, asks at most once a second, and recovers", async () => {
  const { set, issuer, clock } = openKeySet();
  const key = await createSigningKey(0);
  issuer.keys = [key];
  issuer.down = true;
  expect(await set.find(key.id)).toBe("unavailable");
  expect(await set.find(key.id)).toBe("unavailable");
  expect(issuer.loads).toBe(1);
  issuer.down = false;
  clock.now = 1_000;
  await expect(set.find(key.id)).resolves.toBeInstanceOf(CryptoKey);
});

test("it follows the issuer: a key that was rotated away is unknown after the next load", async () => {
  const { set, issuer } = openKeySet();
  const [old, added] = [await createSigningKey(0), await createSigningKey(1)];
  issuer.keys = [old];
  await set.find(old.id);
  issuer.keys = [added];
  const stopped = new AbortController();
  const following = set.follow(stopped.signal);
  await expect.poll(() => set.find(added.id)).toBeInstanceOf(CryptoKey);
  stopped.abort();
  await following;
  expect(await set.find(old.id)).toBe("unknown");
});

test("it ends with its signal, also while the issuer is down", async () => {
  const { set, issuer } = openKeySet();
  issuer.down = true;
  const stopped = new AbortController();
  const following = set.follow(stopped.signal);
  await expect.poll(() => issuer.loads).toBe(1);
  stopped.abort();
  await following;
});
