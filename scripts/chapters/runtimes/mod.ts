export {
  type Clients,
  clientsFile,
  type Look,
  lookAtClients,
  ways,
  writeClients,
} from "./clients.ts";
export { startObserver } from "./observer.ts";
export { watchMemory } from "./peak_memory.ts";
export { measureTrial, type ProcessUse } from "./runtime_trial.ts";
