import { crc32 } from "node:zlib";
import { expect, test } from "vitest";
import { zipOf } from "./zip.ts";

interface Unzipped {
  readonly name: string;
  readonly content: string;
  readonly checksum: number;
}

/** Reads the archive as unzip does: from its end to the directory, and from there to each file. */
function unzip(archive: Buffer): Unzipped[] {
  const end = archive.length - 22;
  expect(archive.readUInt32LE(end)).toBe(0x06054b50);
  let entry = archive.readUInt32LE(end + 16);
  expect(entry + archive.readUInt32LE(end + 12)).toBe(end);
  return Array.from({ length: archive.readUInt16LE(end + 10) }, () => {
    expect(archive.readUInt32LE(entry)).toBe(0x02014b50);
    const nameEnd = entry + 46 + archive.readUInt16LE(entry + 28);
    const name = archive.toString("utf8", entry + 46, nameEnd);
    const file = archive.readUInt32LE(entry + 42);
    expect(archive.readUInt32LE(file)).toBe(0x04034b50);
    const start = file + 30 + archive.readUInt16LE(file + 26);
    const content = archive.toString("utf8", start, start + archive.readUInt32LE(entry + 24));
    const checksum = archive.readUInt32LE(entry + 16);
    entry = nameEnd;
    return { name, content, checksum };
  });
}

test("the archive holds each file with its name and checksum", () => {
  const files = { "handler.mjs": "export const handler = () => 1; // \u2615", "a.mjs": "" };
  const archive = zipOf({ "handler.mjs": Buffer.from(files["handler.mjs"]), "a.mjs": Buffer.from("") });
  expect(unzip(archive)).toEqual(
    (["a.mjs", "handler.mjs"] as const).map((name) => ({ name, content: files[name], checksum: crc32(files[name]) })),
  );
});

test("the same content gives the same bytes, and other content gives others", () => {
  const archive = zipOf({ "a.mjs": Buffer.from("one"), "b.mjs": Buffer.from("two") });
  expect(zipOf({ "b.mjs": Buffer.from("two"), "a.mjs": Buffer.from("one") })).toEqual(archive);
  expect(zipOf({ "a.mjs": Buffer.from("one"), "b.mjs": Buffer.from("three") })).not.toEqual(archive);
});
