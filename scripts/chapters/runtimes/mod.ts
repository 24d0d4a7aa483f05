export {
  type Clients,
  clientsFile,
  type Look,
  lookAtClients,
  startObserver,
  ways,
  writeClients,
} from "./clients.ts";
export { measureTrial, type ProcessUse } from "./runtime_trial.ts";
