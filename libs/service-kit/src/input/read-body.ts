import type { IncomingMessage, ServerResponse } from "node:http";
import { promisify } from "node:util";
import { brotliDecompress, gunzip, inflate } from "node:zlib";
import { ProblemError } from "../problems/index.ts";

const decoders = { gzip: promisify(gunzip), deflate: promisify(inflate), br: promisify(brotliDecompress) };

/**
 * Reads and decompresses the whole body. Reading stops at `maxBytes`, and does not begin if the Content-Length is larger;
 * `serve` then closes the connection. A client that sent `Expect: 100-continue` gets its 100 here.
 *
 * @throws ProblemError 413 over `maxBytes`, before or after decompression; 415 for an unknown Content-Encoding; 400 for a
 * body that is not encoded so, or ended early.
 */
export async function readBody(request: IncomingMessage, response: ServerResponse, maxBytes: number): Promise<Buffer> {
  if (Number(request.headers["content-length"] ?? 0) > maxBytes) throw tooLarge(maxBytes);
  const encoding = request.headers["content-encoding"]?.trim().toLowerCase() ?? "identity";
  const decode = decoderOf(encoding);
  if (request.headers.expect !== undefined) response.writeContinue();
  const bytes = await received(request, maxBytes);
  if (decode === undefined || bytes.length === 0) return bytes;
  try {
    return await decode(bytes, { maxOutputLength: maxBytes });
  } catch (error) {
    if (error instanceof RangeError) throw tooLarge(maxBytes);
    throw new ProblemError(
      400,
      `The body does not have its Content-Encoding, ${encoding}. Correct the body or the header.`,
    );
  }
}

function decoderOf(encoding: string) {
  if (encoding === "identity") return undefined;
  if (encoding === "gzip" || encoding === "deflate" || encoding === "br") return decoders[encoding];
  const detail =
    "The body's Content-Encoding is not supported. Send the body unencoded, or encoded by gzip, deflate or br.";
  throw new ProblemError(415, detail);
}

async function received(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    // Leaving the loop must not destroy the request: its connection carries the response.
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      size += chunk.length;
      if (size > maxBytes) throw tooLarge(maxBytes);
      chunks.push(chunk);
    }
  } catch (error) {
    throw error instanceof ProblemError
      ? error
      : new ProblemError(400, "The body ended before it was complete. Send it again.");
  }
  return Buffer.concat(chunks);
}

function tooLarge(maxBytes: number): ProblemError {
  return new ProblemError(413, `The body is too large. Send at most ${maxBytes / 1_024} KB.`);
}
