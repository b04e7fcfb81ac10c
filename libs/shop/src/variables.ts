/** Environment variable that moves the port of a service: `ORDERS_PORT`. */
export function portVariable(service: string): string {
  return `${inCapitals(service)}_PORT`;
}

/** Environment variable with the address of a service that runs elsewhere: `ORDERS_URL`. */
export function urlVariable(service: string): string {
  return `${inCapitals(service)}_URL`;
}

const inCapitals = (service: string): string => service.toUpperCase().replaceAll("-", "_");
