import { GetObjectCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { checkOptions, having, optional, type Rule, type Rules, text } from "../runtime/index.ts";
import { type ClaimCheck, ClaimCheckMissing, ClaimCheckUnreadable } from "./claim-check.ts";

export interface S3ClaimCheckOptions {
  readonly client: S3Client;
  /** Where data is put, and fetched from. Its lifecycle must keep objects longer than the inbox keeps its rows. */
  readonly bucket: string;
  /** Other services' buckets, from which data is fetched too. None else is trusted. */
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
 * Keeps large data in S3, by key: no pre-signed URL that expires, or that anybody could use.
 *
 * Needs `s3:PutObject` and `s3:GetObject` on the objects, and `s3:ListBucket` on the bucket: without it S3 answers
 * "access denied" instead of "no such key", which is an outage and is retried for ever.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
 * @throws TypeError naming the option that is wrong, and what is allowed.
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
          // S3 refuses what arrives as something else.
          ChecksumSHA256: sha256,
        }),
      );
      return uriOf(bucket, key);
    },
    get: async ({ key, uri }) => {
      const trusted = [bucket, ...alsoFrom].find((name) => uriOf(name, key) === uri);
      if (trusted === undefined) {
        throw new ClaimCheckUnreadable(
          `The message refers to ${uri}, where its data would not be: expected ${key} in ${[bucket, ...alsoFrom].join(" or ")}. If the bucket is right, name it in alsoFrom.`,
        );
      }
      try {
        const { Body, $metadata } = await client.send(new GetObjectCommand({ Bucket: trusted, Key: key }));
        // Once the answer has begun, the SDK does not mark what breaks it off as its own any more, see `isOutage`.
        const body = Body?.transformToByteArray().catch((error) => Promise.reject(Object.assign(error, { $metadata })));
        return (await body) ?? new Uint8Array();
      } catch (error) {
        if (error instanceof Error && error.name === "NoSuchKey") throw new ClaimCheckMissing(uri);
        throw error;
      }
    },
  };
}

function uriOf(bucket: string, key: string): string {
  return `s3://${bucket}/${key.split("/").map(encodeURIComponent).join("/")}`;
}
