#!/bin/sh
# LocalStack and ministack run this script at every start, as soon as their APIs answer. Without persistence they start
# empty, so it makes the whole shop. Both commands leave the parts that are there and complete a half-made shop.
# The container is healthy while the marker exists; the marker is on a tmpfs, so it ends with the container.
set -eu
marker=/run/doubleshot/provisioned
rm -f "$marker"
export AWS_ENDPOINT_URL=http://127.0.0.1:4566
/opt/doubleshot/run doubleshot.mjs provision
set --
for module in /opt/doubleshot/relay/*.mjs; do set -- "$@" --code "$module"; done
/opt/doubleshot/run doubleshot.mjs deploy-relay "$@"
touch "$marker"
