# The bases of the images, from Debian's packages, PyPI and the Node of node_modules, where no registry of images is reached.
FROM doubleshot-local/debian AS node
COPY node /usr/local/bin/node

FROM doubleshot-local/debian AS nginx

FROM node AS ministack
COPY ministack /opt/ministack
ENV PYTHONPATH=/opt/ministack PYTHONUNBUFFERED=1
ENTRYPOINT ["python3", "-m", "ministack"]

# In place of Jaeger: it writes a line for each span.
FROM node AS traces
COPY span-log.ts /span-log.ts
USER 1000:1000
CMD ["node", "/span-log.ts"]

FROM scratch AS bundles
COPY bundles /bundles
