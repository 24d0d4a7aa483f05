export {
  type Clients,
  type Look,
  lookAtClients,
  startObserver,
} from "./clients.ts";
export { measureTrial, type ProcessUse } from "./runtime_trial.ts";
