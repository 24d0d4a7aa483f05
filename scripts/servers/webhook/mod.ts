export { parse, serialize, writePayload } from "./payload.ts";
export { openResources } from "./resources.ts";
export {
  type Handler,
  serveWebhook,
  serviceOf,
  webhookOptions,
} from "./serve.ts";
