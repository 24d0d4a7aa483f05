/** The jobs on runtimes: trials, figures and clients. */
export { clientsTable, readClients, verdicts } from "./runtime_clients.ts";
export {
  calls,
  coldStart,
  cpuOfCalls,
  late,
  peak,
  start,
  total,
} from "./runtime_figures.ts";
export { jobLabels, type OnRuntime, readRuntimes } from "./runtime_trials.ts";
