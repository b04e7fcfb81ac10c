import { SQSServiceException } from "@aws-sdk/client-sqs";

export function sqsException(name: string, message: string): SQSServiceException {
  return new SQSServiceException({ name, message, $fault: "client", $metadata: { httpStatusCode: 400 } });
}
