import type { ServiceInShop } from "@doubleshot/shop";
import { IgnoreMode } from "aws-cdk-lib";
import { Repository } from "aws-cdk-lib/aws-ecr";
import { Platform } from "aws-cdk-lib/aws-ecr-assets";
import { ContainerImage } from "aws-cdk-lib/aws-ecs";
import type { Construct } from "constructs";

export type ImageOf = (scope: Construct, service: ServiceInShop) => ContainerImage;

/** Images that `cdk deploy` builds of the checkout by `containers/Dockerfile`. A template only needs the files' fingerprint. */
export function imagesOfCheckout(checkout: string): ImageOf {
  return (_scope, { name }) =>
    ContainerImage.fromAsset(checkout, {
      assetName: name,
      file: "containers/Dockerfile",
      target: "service",
      buildArgs: { SERVICE: name },
      platform: Platform.LINUX_AMD64,
      ignoreMode: IgnoreMode.DOCKER,
    });
}

/** Images of ECR: the repository `<shop>/<service>`, and one tag for all services. */
export function imagesOfRegistry(shop: string, tag: string): ImageOf {
  return (scope, { name }) => {
    const repository = Repository.fromRepositoryName(scope, `Images-${name}`, `${shop}/${name}`);
    return ContainerImage.fromEcrRepository(repository, tag);
  };
}
