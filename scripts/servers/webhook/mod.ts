export { examplePayload, parse, serialize } from "./payload.ts";
export { openResources } from "./resources.ts";
export {
  type Handler,
  serveWebhook,
  serviceOf,
  webhookOptions,
} from "./serve.ts";
