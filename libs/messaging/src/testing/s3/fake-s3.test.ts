import { S3Client } from "@aws-sdk/client-s3";
import { describe, expect, test } from "vitest";
import { ClaimCheckMissingError } from "../../claim-check/claim-check.ts";
import { s3ClaimCheck } from "../../claim-check/s3-claim-check.ts";
import { FakeAws } from "../fake-aws.ts";

describe("the fake's S3", () => {
  const claim = { key: "notes/1", body: Buffer.from("large"), sha256: "" };
  const claimCheckIn = (bucket: string) => {
    const aws = new FakeAws({ buckets: ["claims"] });
    return s3ClaimCheck({ client: aws.attach(new S3Client({ region: "eu-central-1" })), bucket });
  };

  test("keeps what is put under its key", async () => {
    const claimCheck = claimCheckIn("claims");
    const uri = await claimCheck.put(claim);
    expect(Buffer.from(await claimCheck.get({ key: claim.key, uri })).toString()).toBe("large");
  });

  test("says what is not there", async () => {
    const gone = claimCheckIn("claims").get({ key: "notes/2", uri: "s3://claims/notes/2" });
    await expect(gone).rejects.toThrow(ClaimCheckMissingError);
    await expect(claimCheckIn("elsewhere").put(claim)).rejects.toMatchObject({ name: "NoSuchBucket" });
  });
});
