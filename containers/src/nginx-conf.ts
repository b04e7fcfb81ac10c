/** The part of a shop that nginx has to know. */
interface NginxShop {
  readonly services: Readonly<Record<string, { readonly name: string; readonly port: number }>>;
}

/**
 * Returns the configuration of the nginx in front of a shop. It listens on the port of each service, and passes requests on
 * to the containers that have the service's name. They listen on the same port.
 */
export function nginxConf({ services }: NginxShop): string {
  const all = Object.values(services).sort((one, other) => one.port - other.port);
  const listens = all.map(({ port }) => `listen ${port};`).join(" ");
  const upstreams = all.map(({ name, port }) => `${port} ${name}:${port};`).join(" ");
  return `worker_processes auto;
# Callers that wait get their answers when nginx stops: the services drain for 10 s.
worker_shutdown_timeout 12s;
# The root file system is read-only.
pid /tmp/nginx.pid;
error_log /dev/stderr warn;

events {
  worker_connections 30000;
}

http {
  client_body_temp_path /tmp/client-body;
  proxy_temp_path /tmp/proxy;
  fastcgi_temp_path /tmp/fastcgi;
  uwsgi_temp_path /tmp/uwsgi;
  scgi_temp_path /tmp/scgi;
  server_tokens off;
  log_format json escape=json
    '{"time":"$time_iso8601","msg":"proxied","client":"$remote_addr","method":"$request_method","path":"$uri",'
    '"status":$status,"seconds":$request_time,"instance":"$upstream_addr","requestId":"$sent_http_x_request_id"}';
  access_log /dev/stdout json;

  # Docker's DNS has the address of each running instance. A name in a variable is resolved again, so that new
  # instances get requests and stopped ones get none.
  resolver 127.0.0.11 valid=1s ipv6=off;
  map $server_port $service { ${upstreams} }

  # Of one client. The services have limits of their own, by the same address.
  limit_conn_zone $binary_remote_addr zone=connections:10m;
  limit_conn connections 5000;
  limit_conn_status 429;
  limit_req_zone $binary_remote_addr zone=requests:10m rate=500r/s;
  limit_req zone=requests burst=5000 nodelay;
  limit_req_status 429;
  client_max_body_size 1m;
  client_header_timeout 15s;
  client_body_timeout 30s;
  send_timeout 15s;

  server {
    ${listens}

    location / {
      proxy_pass http://$service;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $http_host;
      # Replaces the header of the client, which could claim any address.
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Forwarded-Proto $scheme;
      # Streams of events go out as they come.
      proxy_buffering off;
      proxy_connect_timeout 2s;
      # A caller waits for as long as its coffee takes.
      proxy_read_timeout 24h;
      # Another instance gets a request that did not reach this one. A POST that was sent is not sent again.
      proxy_next_upstream error timeout;
      proxy_next_upstream_tries 3;
      error_page 502 504 =503 @unavailable;
      error_page 429 @limited;
    }

    # Metrics are for the inner network.
    location = /metrics {
      return 404;
    }

    location @unavailable {
      default_type application/problem+json;
      add_header Retry-After 1 always;
      return 503 '{"type":"about:blank","title":"Service Unavailable","status":503,"detail":"No instance of the service answers. Send the request again after Retry-After seconds, with the same Idempotency-Key."}';
    }

    location @limited {
      default_type application/problem+json;
      add_header Retry-After 1 always;
      return 429 '{"type":"about:blank","title":"Too Many Requests","status":429,"detail":"The address sends too many requests. Send the request again after Retry-After seconds."}';
    }
  }

  # For the health check of the container.
  server {
    listen 127.0.0.1:8080;
    access_log off;
    location / {
      return 200;
    }
  }
}
`;
}
