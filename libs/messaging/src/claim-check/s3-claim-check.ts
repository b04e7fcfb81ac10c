import { GetObjectCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { checkOptions, having, optional, type Rule, type Rules, text } from "../options/index.ts";
import { type ClaimCheck, ClaimCheckMissingError, ClaimCheckUnreadableError } from "./claim-check.ts";

export interface S3ClaimCheckOptions {
  readonly client: S3Client;
  /** Bucket for storing and fetching. Its lifecycle must keep objects longer than the inbox keeps its rows. */
  readonly bucket: string;
  /** Other services' buckets, for fetching only. No other bucket is trusted. */
  readonly alsoFrom?: readonly string[];
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
const bucketName = text(
  "the name of a bucket: 3 to 63 lower-case letters, digits, dots and dashes",
  /^[a-z\d.-]{3,63}$/,
);

const bucketNames: Rule = {
  allowed: "an array of names of buckets",
  holds: (value) => Array.isArray(value) && value.every(bucketName.holds),
};

const rules: Rules<S3ClaimCheckOptions> = {
  client: having("an S3Client", "send"),
  bucket: bucketName,
  alsoFrom: optional(bucketNames),
};

/**
 * Stores large data in S3, by key. A pre-signed URL would expire, and give access to everyone who has it.
 *
 * Needs `s3:PutObject` and `s3:GetObject` on the objects, and `s3:ListBucket` on the bucket. Without the last, S3 answers
 * "access denied" instead of "no such key", which counts as an outage and is retried for ever.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
 * @throws TypeError naming the wrong option and the values allowed.
 */
export function s3ClaimCheck(options: S3ClaimCheckOptions): ClaimCheck {
  checkOptions("s3ClaimCheck", options, rules);
  const { client, bucket, alsoFrom = [] } = options;
  return {
    put: async ({ key, body, sha256 }) => {
      await client.send(
        new PutObjectCommand({
          Bucket: bucket,
          Key: key,
          Body: body,
          ContentType: "application/json",
          // S3 rejects data that does not match.
          ChecksumSHA256: sha256,
        }),
      );
      return uriOf(bucket, key);
    },
    get: async ({ key, uri }) => {
      const trusted = [bucket, ...alsoFrom].find((name) => uriOf(name, key) === uri);
      if (trusted === undefined) {
        throw new ClaimCheckUnreadableError(
          `The message refers to ${uri}, but its data has the key ${key} in ${[bucket, ...alsoFrom].join(" or ")}. If the bucket is right, name it in alsoFrom.`,
        );
      }
      try {
        const { Body, $metadata } = await client.send(new GetObjectCommand({ Bucket: trusted, Key: key }));
        // The SDK does not set `$metadata` on an error that interrupts the body, and `isOutage` needs it.
        const body = Body?.transformToByteArray().catch((error) => Promise.reject(Object.assign(error, { $metadata })));
        return (await body) ?? new Uint8Array();
      } catch (error) {
        if (error instanceof Error && error.name === "NoSuchKey") throw new ClaimCheckMissingError(uri);
        throw error;
      }
    },
  };
}

function uriOf(bucket: string, key: string): string {
  return `s3://${bucket}/${key.split("/").map(encodeURIComponent).join("/")}`;
}
