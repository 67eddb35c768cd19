// Drives a server with the npm package as it is: one call after another, and what the client returned of each.
// Reads {module, baseUrl, publicKey, privateKey, projectId, calls: [[name, path, ...arguments]]} from its input, and
// writes {results: {name: returned}, surface: [path]}: the surface is every function that the client has.
// A call is an area and a function of the client, such as `project.getById`. "$name.member" in an argument stands
// for a member of what an earlier call returned.
"use strict";

const fs = require("fs");

function resolved(value, results) {
  if (typeof value === "string" && value.startsWith("$")) {
    return value.slice(1).split(".").reduce((found, member) => found[member], results);
  }
  if (Array.isArray(value)) {
    return value.map(item => resolved(item, results));
  }
  if (value && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, resolved(item, results)]));
  }
  return value;
}

// A stream cannot be written as JSON: what stands for it is its status.
function plain(value) {
  return value && value.statusCode ? {status: value.statusCode} : value;
}

async function main() {
  const {module: folder, calls, ...options} = JSON.parse(fs.readFileSync(0, "utf8"));
  const client = require(folder)(options);
  const results = {};
  for (const [name, path, ...given] of calls) {
    const [area, method] = path.split(".");
    try {
      results[name] = plain(await client[area][method](...resolved(given, results)));
    } catch (error) {
      results[name] = {thrown: String(error)};
    }
  }
  const surface = Object.entries(client).flatMap(([area, all]) => Object.keys(all).map(name => `${area}.${name}`));
  process.stdout.write(JSON.stringify({results, surface}));
}

main();
