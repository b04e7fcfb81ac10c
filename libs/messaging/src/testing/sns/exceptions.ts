import { SNSServiceException } from "@aws-sdk/client-sns";

export function snsException(name: string, message: string): SNSServiceException {
  return new SNSServiceException({ name, message, $fault: "client", $metadata: { httpStatusCode: 400 } });
}
