export {
  type DescribedOperation,
  type DescribedResponse,
  type DocumentOptions,
  type OpenApiDocument,
  openApiDocument,
} from "./open-api-document.ts";
export { expressPath, type Operation, type OperationAnswer, type OperationBody } from "./operation.ts";
export type { JsonSchema } from "./schema-pool.ts";
