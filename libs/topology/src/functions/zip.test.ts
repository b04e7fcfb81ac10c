import { crc32 } from "node:zlib";
import { expect, test } from "vitest";
import { zipOf } from "./zip.ts";

/** Reads the archive as unzip does: from its end to the directory, and from there to the file. */
function unzip(archive: Buffer): { name: string; content: string; checksum: number } {
  const end = archive.length - 22;
  expect(archive.readUInt32LE(end)).toBe(0x06054b50);
  const directory = archive.readUInt32LE(end + 16);
  expect(directory + archive.readUInt32LE(end + 12)).toBe(end);
  expect(archive.readUInt32LE(directory)).toBe(0x02014b50);
  const nameLength = archive.readUInt16LE(directory + 28);
  const file = archive.readUInt32LE(directory + 42);
  expect(archive.readUInt32LE(file)).toBe(0x04034b50);
  const start = file + 30 + nameLength;
  return {
    name: archive.toString("utf8", directory + 46, directory + 46 + nameLength),
    content: archive.toString("utf8", start, start + archive.readUInt32LE(directory + 24)),
    checksum: archive.readUInt32LE(directory + 16),
  };
}

test("the archive holds the file with its name and checksum", () => {
  const content = Buffer.from("export const handler = () => 1; // \u2615");
  expect(unzip(zipOf("handler.mjs", content))).toEqual({
    name: "handler.mjs",
    content: content.toString(),
    checksum: crc32(content),
  });
});

test("the same content gives the same bytes, and other content gives others", () => {
  const archive = zipOf("a.mjs", Buffer.from("one"));
  expect(zipOf("a.mjs", Buffer.from("one"))).toEqual(archive);
  expect(zipOf("a.mjs", Buffer.from("two"))).not.toEqual(archive);
});
