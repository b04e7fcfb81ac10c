import { DynamoDBServiceException } from "@aws-sdk/client-dynamodb";

export function validation(message: string): DynamoDBServiceException {
  return exception("ValidationException", message);
}

export function exception(name: string, message: string): DynamoDBServiceException {
  return new DynamoDBServiceException({ name, message, $fault: "client", $metadata: { httpStatusCode: 400 } });
}
