import module from "node:module";

// Loaded into a process with --import: its platform has no packaged dynoxide.

const resolveFilename = module._resolveFilename;
module._resolveFilename = (request, ...rest) => {
  if (request.startsWith("@dynoxide/")) throw new Error(`${request} is not installed`);
  return resolveFilename(request, ...rest);
};
