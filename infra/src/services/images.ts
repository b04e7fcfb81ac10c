import type { ServiceInShop } from "@doubleshot/shop";
import { Repository } from "aws-cdk-lib/aws-ecr";
import { ContainerImage } from "aws-cdk-lib/aws-ecs";
import type { Construct } from "constructs";

export type ImageOf = (scope: Construct, service: ServiceInShop) => ContainerImage;

/** Images of ECR: the repository `<shop>/<service>`, and one tag for all services. */
export function imagesOfRegistry(shop: string, tag: string): ImageOf {
  return (scope, { name }) => {
    const repository = Repository.fromRepositoryName(scope, `Images-${name}`, `${shop}/${name}`);
    return ContainerImage.fromEcrRepository(repository, tag);
  };
}
