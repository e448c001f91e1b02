import { ModelServer } from "./model-server.ts";

// `node scripts/run-ts.mjs packages/testkit/src/model-server/cli.ts [port] [truth-file]`: prints its port, and runs until it is stopped.
const [, , port, truthFile] = process.argv;
const server = await ModelServer.start({ port: Number(port ?? "0"), ...(truthFile !== undefined && { truthFile }) });
process.stdout.write(`${server.port}\n`);
