export { freePorts } from "./free_ports.ts";
export { interleave, type Series } from "./interleave.ts";
export {
  openAnyBroker,
  type PrivateBroker,
  startPrivateBroker,
} from "./private_broker.ts";
