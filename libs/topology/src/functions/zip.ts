import { crc32 } from "node:zlib";

/** MS-DOS date of 1 January 1980, the earliest. */
const firstDay = 0x0021;
const version = 20;
const madeOnUnix = 3 << 8;
/** A regular file that everyone may read: the user of the function is another one. */
const mode = 0o100644;

/**
 * Returns a zip archive with one file, which is stored as it is. The same content always gives the same bytes, so Lambda's
 * hash of the archive shows whether a function has this code.
 * @see https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
 */
export function zipOf(name: string, content: Uint8Array): Buffer {
  const fileName = Buffer.from(name);
  // The part that the local header and the directory share: from the version needed to the length of the extra field.
  const shared = Buffer.alloc(26);
  shared.writeUInt16LE(version, 0);
  shared.writeUInt16LE(firstDay, 8);
  shared.writeUInt32LE(crc32(content), 10);
  shared.writeUInt32LE(content.length, 14);
  shared.writeUInt32LE(content.length, 18);
  shared.writeUInt16LE(fileName.length, 22);
  const file = Buffer.concat([signature(0x04034b50), shared, fileName, content]);

  const attributes = Buffer.alloc(14);
  attributes.writeUInt32LE(mode * 0x10000, 6);
  const madeBy = Buffer.alloc(2);
  madeBy.writeUInt16LE(madeOnUnix | version);
  const directory = Buffer.concat([signature(0x02014b50), madeBy, shared, attributes, fileName]);

  const end = Buffer.alloc(18);
  end.writeUInt16LE(1, 4);
  end.writeUInt16LE(1, 6);
  end.writeUInt32LE(directory.length, 8);
  end.writeUInt32LE(file.length, 12);
  return Buffer.concat([file, directory, signature(0x06054b50), end]);
}

function signature(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
